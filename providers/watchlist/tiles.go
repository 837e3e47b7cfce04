package watchlist

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// The ids of the tiles.
const (
	totalsTile   = "watchlist-totals"
	typesTile    = "watchlist-types"
	addedTile    = "watchlist-added"
	changesTile  = "watchlist-changes"
	expiringTile = "watchlist-expiring"
)

// Tiles implements relay.Dashboard.
func (s *session) Tiles() []relay.Tile {
	lookBack := []relay.Period{relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days}
	all := append([]relay.Period{relay.LastHour}, lookBack...)
	tags := []string{"watchlist"}
	return []relay.Tile{
		{
			ID: totalsTile, Type: relay.MetricGroup, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: entries",
			ShortDescription: "What is on the watchlist",
			Description:      "The number of valid entries by disposition, and how many were added in the period.",
		},
		{
			ID: typesTile, Type: relay.DonutGraph, Tags: tags, Periods: all, DefaultPeriod: relay.Last24Hours,
			Title:            "Watchlist: types",
			ShortDescription: "Which kinds of observables are listed",
			Description:      "The number of valid entries by observable type and disposition, whatever the period.",
		},
		{
			ID: addedTile, Type: relay.VerticalBarChart, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: added",
			ShortDescription: "How fast the watchlist grows",
			Description:      "The number of entries added on each day in UTC, or in each hour for the last 24 hours.",
		},
		{
			ID: changesTile, Type: relay.MarkdownTile, Tags: tags, Periods: all, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: recent changes",
			ShortDescription: "Who changed what",
			Description:      fmt.Sprintf("The newest changes in the period, at most %d.", mostChanges),
		},
		{
			ID: expiringTile, Type: relay.HorizontalBarChart, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: expiring soon",
			ShortDescription: "Entries that will expire",
			Description:      "The number of entries that expire within a period of this length from now, by hour, day, or week from 60 days on.",
		},
	}
}

// TileData implements relay.Dashboard. All numbers come from counters by the hour: an
// entry counts until the end of the hour in which it expires.
func (s *session) TileData(ctx context.Context, id string, p relay.Period) (data relay.TileData, err error) {
	switch id {
	case totalsTile:
		data, err = s.totals(ctx, p)
	case typesTile:
		data, err = s.types(ctx)
	case addedTile:
		data, err = s.chart(ctx, entry.Added, slotsOf(p, s.now, false))
	case expiringTile:
		data, err = s.chart(ctx, entry.Ending, slotsOf(p, s.now, true))
	case changesTile:
		data, err = s.changes(ctx, p)
	default:
		return relay.TileData{}, fmt.Errorf("watchlist: no tile %s", id)
	}
	if err != nil {
		return relay.TileData{}, unavailable(err)
	}
	return data, nil
}

// dispositions are in the order of the tiles: what needs attention comes first.
var dispositions = []struct {
	ctim.Disposition
	icon   string // the platform's
	always bool   // shown even if it has no entries
}{
	{ctim.Malicious, "block", true},
	{ctim.Suspicious, "warning", true},
	{ctim.Clean, "clean", true},
	{ctim.Common, "clean", false},
	{ctim.Unknown, "information", false},
}

// slots divide the time between from and to into n hours, days or weeks.
type slots struct {
	from, to time.Time
	first    time.Time // the start of the first
	width    time.Duration
	n        int
}

const oneDay = 24 * time.Hour

// slotsOf returns the slots of a period that ends now or, if ahead is true, starts now.
// They include the current hour or day.
func slotsOf(p relay.Period, now time.Time, ahead bool) slots {
	s := slots{width: oneDay}
	switch {
	case p.Duration() <= oneDay:
		s.width = time.Hour
	case p.Duration() > 30*oneDay && ahead:
		s.width = 7 * oneDay
	}
	s.first = now.UTC().Truncate(min(s.width, oneDay))
	s.n = int((p.Duration() + s.width - 1) / s.width)
	if ahead {
		s.n++ // part of the first has passed
		s.from, s.to = now, s.start(s.n)
	} else {
		s.first = s.start(1 - s.n)
		s.from, s.to = s.first, now
	}
	return s
}

func (s slots) start(i int) time.Time { return s.first.Add(time.Duration(i) * s.width) }

func (s slots) observed() ctim.ObservedTime {
	return ctim.ObservedTime{Start: ctim.At(s.from), End: ctim.At(s.to)}
}

// label returns the label of a slot.
func (s slots) label(i int) string {
	start := s.start(i)
	switch {
	case s.width < oneDay:
		return start.Format("2006-01-02 15:04")
	case s.width == oneDay:
		return day(start)
	default:
		return day(start) + " to " + day(s.start(i+1).Add(-1))
	}
}

// chart counts an event in each slot, with a series for each disposition that occurs.
func (s *session) chart(ctx context.Context, event entry.Event, slots slots) (relay.TileData, error) {
	counts, err := s.store.Counts(ctx, event, slots.from)
	if err != nil {
		return relay.TileData{}, err
	}
	type cell struct {
		slot        int
		disposition ctim.Disposition
	}
	cells := map[cell]int{}
	occurs := map[ctim.Disposition]bool{}
	for c, n := range counts {
		if slot := int(c.Hour.Sub(slots.first) / slots.width); !c.Hour.IsZero() && slot < slots.n {
			cells[cell{slot, c.Disposition}] += n
			occurs[c.Disposition] = true
		}
	}
	chart := relay.Chart{Timestamps: event == entry.Added}
	for _, d := range dispositions {
		if occurs[d.Disposition] {
			chart.Keys = append(chart.Keys, relay.ChartKey{Key: d.String(), Label: d.String()})
		}
	}
	for i := range slots.n {
		point := relay.Point{Key: slots.start(i).Format(time.RFC3339), Label: slots.label(i), Values: []relay.PointValue{}}
		if chart.Timestamps {
			point.Key = slots.start(i).UnixMilli()
		}
		for _, d := range dispositions {
			if n := cells[cell{i, d.Disposition}]; n > 0 {
				point.Value += n
				point.Values = append(point.Values, relay.PointValue{Key: d.String(), Value: n})
			}
		}
		chart.Points = append(chart.Points, point)
	}
	return relay.TileData{ObservedTime: slots.observed(), Content: chart}, nil
}

// totals counts the valid entries, and those that were added.
func (s *session) totals(ctx context.Context, p relay.Period) (relay.TileData, error) {
	listed, err := s.store.Counts(ctx, entry.Ending, s.now)
	if err != nil {
		return relay.TileData{}, err
	}
	slots := slotsOf(p, s.now, false)
	added, err := s.store.Counts(ctx, entry.Added, slots.from)
	if err != nil {
		return relay.TileData{}, err
	}
	byDisposition := map[ctim.Disposition]int{}
	for c, n := range listed {
		byDisposition[c.Disposition] += n
	}
	metrics := relay.Metrics{}
	for _, d := range dispositions {
		if n := byDisposition[d.Disposition]; d.always || n > 0 {
			metrics = append(metrics, relay.Metric{Icon: d.icon, Label: d.String(), Value: n, Unit: "integer"})
		}
	}
	metrics = append(metrics, relay.Metric{Icon: "add", Label: "Added in the period", Value: added.Sum(), Unit: "integer"})
	return relay.TileData{ObservedTime: slots.observed(), Content: metrics}, nil
}

// types counts the valid entries by type and disposition.
func (s *session) types(ctx context.Context) (relay.TileData, error) {
	counts, err := s.store.Counts(ctx, entry.Ending, s.now)
	if err != nil {
		return relay.TileData{}, err
	}
	types := map[ctim.ObservableType]bool{}
	listed := entry.Counts{} // at any hour
	for c, n := range counts {
		types[c.Type] = true
		listed[entry.Counter{Type: c.Type, Disposition: c.Disposition}] += n
	}
	donut := relay.Donut{Headers: [2]string{"Type", "Disposition"}}
	for _, d := range dispositions {
		donut.Labels[1] = append(donut.Labels[1], d.String())
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		slice := relay.Slice{Key: len(donut.Labels[0])}
		for i, d := range dispositions {
			if n := listed[entry.Counter{Type: t, Disposition: d.Disposition}]; n > 0 {
				slice.Value += n
				slice.Segments = append(slice.Segments, relay.Segment{Key: i, Value: n})
			}
		}
		donut.Labels[0] = append(donut.Labels[0], string(t))
		donut.Slices = append(donut.Slices, slice)
	}
	now := ctim.At(s.now)
	return relay.TileData{ObservedTime: ctim.ObservedTime{Start: now, End: now}, Content: donut}, nil
}

// mostChanges is how many lines the tile of changes has at most.
const mostChanges = 20

// changes returns the newest lines of the history.
func (s *session) changes(ctx context.Context, p relay.Period) (relay.TileData, error) {
	start := s.now.Add(-p.Duration())
	lines := relay.Markdown{}
	for line, err := range s.store.History(ctx) {
		if err != nil {
			return relay.TileData{}, err
		}
		if line.Time.Before(start) || len(lines) == mostChanges {
			break
		}
		lines = append(lines, markdown(line))
	}
	if len(lines) == 0 {
		lines = append(lines, "No changes in this period.")
	}
	return relay.TileData{Content: lines}, nil
}

// markdown returns a line of the history as a list item. Texts of others are inline
// code, which can't contain a link or other markup.
func markdown(line entry.Change) string {
	text := fmt.Sprintf("- %s UTC, %s: %s", line.Time.UTC().Format("2006-01-02 15:04"), code(cmp.Or(line.Who, "somebody")), code(line.What))
	if line.Observable.Value != "" {
		text += " " + code(line.Observable.Value)
	}
	if summary := line.Summary(); summary != "" {
		text += " (" + code(summary) + ")"
	}
	return text
}

// code returns text as inline code on one line, without backticks, control characters or
// markup.
func code(text string) string {
	return "`" + strings.Join(strings.Fields(strings.ReplaceAll(ctim.Plain(text), "`", "'")), " ") + "`"
}
