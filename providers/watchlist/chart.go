package watchlist

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// slots divide the time between from and to into n hours, days or weeks.
type slots struct {
	from, to time.Time
	first    time.Time // the start of the first
	width    time.Duration
	n        int
}

const oneDay = 24 * time.Hour

// slotsBefore returns the hours of the last day, or the days of a longer period,
// including the current one.
func slotsBefore(p relay.Period, now time.Time) slots {
	width := oneDay
	if p.Duration() <= oneDay {
		width = time.Hour
	}
	n := int(p.Duration() / width)
	first := now.UTC().Truncate(width).Add(-time.Duration(n-1) * width)
	return slots{from: first, to: now, first: first, width: width, n: n}
}

// slotsAfter returns the hours, days or weeks of the period that starts now, including
// the current one.
func slotsAfter(p relay.Period, now time.Time) slots {
	width := oneDay
	switch {
	case p.Duration() <= oneDay:
		width = time.Hour
	case p.Duration() > 30*oneDay:
		width = 7 * oneDay
	}
	s := slots{from: now, first: now.UTC().Truncate(min(width, oneDay)), width: width}
	s.n = int((p.Duration()+width-1)/width) + 1 // part of the first has passed
	s.to = s.start(s.n)
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
