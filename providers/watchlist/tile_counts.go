package watchlist

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// dispositions are all of them in the order in which tiles show them: what
// needs attention first.
func dispositions() []ctim.Disposition {
	return []ctim.Disposition{ctim.Malicious, ctim.Suspicious, ctim.Clean, ctim.Common, ctim.Unknown}
}

// alwaysShown is how many of the dispositions are shown where there are no
// entries of them: malicious, suspicious and clean.
const alwaysShown = 3

// dispositionIcon is the platform's icon for entries of a disposition.
func dispositionIcon(d ctim.Disposition) string {
	switch d {
	case ctim.Malicious:
		return "block"
	case ctim.Suspicious:
		return "warning"
	case ctim.Clean, ctim.Common:
		return "clean"
	default:
		return "information"
	}
}

// totals are how many entries count now, and how many were added.
func (s *session) totals(ctx context.Context, p relay.Period) (relay.TileData, error) {
	listed, err := s.store.Counts(ctx, entry.Ending, s.now)
	if err != nil {
		return relay.TileData{}, err
	}
	slots := slotsBefore(p, s.now)
	added, err := s.store.Counts(ctx, entry.Added, slots.first)
	if err != nil {
		return relay.TileData{}, err
	}
	byDisposition := map[ctim.Disposition]int{}
	for c, n := range listed {
		byDisposition[c.Disposition] += n
	}
	metrics := relay.Metrics{}
	for i, d := range dispositions() {
		if i < alwaysShown || byDisposition[d] > 0 {
			metrics = append(metrics, relay.Metric{Icon: dispositionIcon(d), Label: d.String(), Value: byDisposition[d], Unit: "integer"})
		}
	}
	metrics = append(metrics, relay.Metric{Icon: "add", Label: "Added in the period", Value: slots.within(added).Sum(), Unit: "integer"})
	return relay.TileData{ObservedTime: slots.observed(s.now), Content: metrics}, nil
}

// types are the entries that count now by type and disposition.
func (s *session) types(ctx context.Context) (relay.TileData, error) {
	counts, err := s.store.Counts(ctx, entry.Ending, s.now)
	if err != nil {
		return relay.TileData{}, err
	}
	byType := map[ctim.ObservableType]map[ctim.Disposition]int{}
	for c, n := range counts {
		if byType[c.Type] == nil {
			byType[c.Type] = map[ctim.Disposition]int{}
		}
		byType[c.Type][c.Disposition] += n
	}
	donut := relay.Donut{Headers: [2]string{"Type", "Disposition"}}
	for _, d := range dispositions() {
		donut.Labels[1] = append(donut.Labels[1], d.String())
	}
	for _, t := range slices.Sorted(maps.Keys(byType)) {
		slice := relay.Slice{Key: len(donut.Labels[0]), Segments: []relay.Segment{}}
		for i, d := range dispositions() {
			if n := byType[t][d]; n > 0 {
				slice.Value += n
				slice.Segments = append(slice.Segments, relay.Segment{Key: i, Value: n})
			}
		}
		if slice.Value > 0 {
			donut.Labels[0] = append(donut.Labels[0], string(t))
			donut.Slices = append(donut.Slices, slice)
		}
	}
	now := ctim.At(s.now)
	return relay.TileData{ObservedTime: ctim.ObservedTime{Start: now, End: now}, Content: donut}, nil
}

// added are the entries that were added in each hour or day.
func (s *session) added(ctx context.Context, p relay.Period) (relay.TileData, error) {
	slots := slotsBefore(p, s.now)
	counts, err := s.store.Counts(ctx, entry.Added, slots.first)
	if err != nil {
		return relay.TileData{}, err
	}
	return relay.TileData{ObservedTime: slots.observed(s.now), Content: slots.chart(counts, true)}, nil
}

// expiring are the entries that will end in each hour, day or week.
func (s *session) expiring(ctx context.Context, p relay.Period) (relay.TileData, error) {
	counts, err := s.store.Counts(ctx, entry.Ending, s.now)
	if err != nil {
		return relay.TileData{}, err
	}
	slots := slotsAfter(p, s.now)
	observed := ctim.ObservedTime{Start: ctim.At(s.now), End: ctim.At(slots.end())}
	return relay.TileData{ObservedTime: observed, Content: slots.chart(counts, false)}, nil
}

// slots are the hours, days or weeks of a chart: n of the same width.
type slots struct {
	first time.Time
	width time.Duration
	n     int
}

// slotsBefore are the hours of the last day, or the days of a longer period,
// the present one included.
func slotsBefore(p relay.Period, now time.Time) slots {
	s := slots{width: 24 * time.Hour}
	if p.Duration() <= s.width {
		s.width = time.Hour
	}
	s.n = int(p.Duration() / s.width)
	s.first = now.UTC().Truncate(s.width).Add(-time.Duration(s.n-1) * s.width)
	return s
}

// slotsAfter are the hours, days or weeks of the time to come, the present one
// included. They cover the period whole.
func slotsAfter(p relay.Period, now time.Time) slots {
	s := slots{width: 24 * time.Hour}
	switch {
	case p.Duration() <= s.width:
		s.width = time.Hour
	case p.Duration() > 30*s.width:
		s.width *= 7
	}
	s.first = now.UTC().Truncate(min(s.width, 24*time.Hour))
	s.n = int((p.Duration()+s.width-1)/s.width) + 1 // the first is over in part
	return s
}

func (s slots) end() time.Time { return s.first.Add(time.Duration(s.n) * s.width) }

// observed is the time from the first slot to now.
func (s slots) observed(now time.Time) ctim.ObservedTime {
	return ctim.ObservedTime{Start: ctim.At(s.first), End: ctim.At(now)}
}

// within returns the counts of the hours in the slots.
func (s slots) within(counts entry.Counts) entry.Counts {
	inside := entry.Counts{}
	for c, n := range counts {
		if !c.Hour.Before(s.first) && c.Hour.Before(s.end()) {
			inside[c] = n
		}
	}
	return inside
}

// chart has a point for each slot and a series for each disposition that
// occurs.
func (s slots) chart(counts entry.Counts, timestamps bool) relay.Chart {
	perSlot := make([]map[ctim.Disposition]int, s.n)
	occurs := map[ctim.Disposition]bool{}
	for c, n := range s.within(counts) {
		i := int(c.Hour.Sub(s.first) / s.width)
		if perSlot[i] == nil {
			perSlot[i] = map[ctim.Disposition]int{}
		}
		perSlot[i][c.Disposition] += n
		occurs[c.Disposition] = true
	}
	chart := relay.Chart{Timestamps: timestamps}
	for _, d := range dispositions() {
		if occurs[d] {
			chart.Keys = append(chart.Keys, relay.ChartKey{Key: d.String(), Label: d.String()})
		}
	}
	for i, values := range perSlot {
		at := s.first.Add(time.Duration(i) * s.width)
		point := relay.Point{Key: at.Format(time.RFC3339), Label: s.label(at), Values: []relay.PointValue{}}
		if timestamps {
			point.Key = at.UnixMilli()
		}
		for _, d := range dispositions() {
			if n := values[d]; n > 0 {
				point.Value += n
				point.Values = append(point.Values, relay.PointValue{Key: d.String(), Value: n})
			}
		}
		chart.Points = append(chart.Points, point)
	}
	return chart
}

// label is a slot in words.
func (s slots) label(at time.Time) string {
	switch {
	case s.width < 24*time.Hour:
		return at.Format("2006-01-02 15:04")
	case s.width == 24*time.Hour:
		return day(at)
	default:
		return day(at) + " to " + day(at.Add(s.width-1))
	}
}
