package watchlist

import (
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// slots are the hours, days or weeks of a chart: n of the same width, from first on.
type slots struct {
	first time.Time
	width time.Duration
	n     int
}

// slotsBefore returns the hours of the last day, or the days of a longer period,
// including the current one.
func slotsBefore(p relay.Period, now time.Time) slots {
	s := slots{width: 24 * time.Hour}
	if p.Duration() <= s.width {
		s.width = time.Hour
	}
	s.n = int(p.Duration() / s.width)
	s.first = now.UTC().Truncate(s.width).Add(-time.Duration(s.n-1) * s.width)
	return s
}

// slotsAfter returns the hours, days or weeks of the period that starts now, including
// the current one.
func slotsAfter(p relay.Period, now time.Time) slots {
	s := slots{width: 24 * time.Hour}
	switch {
	case p.Duration() <= s.width:
		s.width = time.Hour
	case p.Duration() > 30*s.width:
		s.width *= 7
	}
	s.first = now.UTC().Truncate(min(s.width, 24*time.Hour))
	s.n = int((p.Duration()+s.width-1)/s.width) + 1 // part of the first has passed
	return s
}

func (s slots) end() time.Time { return s.first.Add(time.Duration(s.n) * s.width) }

// observed returns the time from the first slot to now.
func (s slots) observed(now time.Time) ctim.ObservedTime {
	return ctim.ObservedTime{Start: ctim.At(s.first), End: ctim.At(now)}
}

// chart returns a chart with a point for each slot, and a series for each disposition
// that occurs.
func (s slots) chart(counts entry.Counts, timestamps bool) relay.Chart {
	perSlot := make([]map[ctim.Disposition]int, s.n)
	occurs := map[ctim.Disposition]bool{}
	for c, n := range counts {
		if c.Hour.Before(s.first) || !c.Hour.Before(s.end()) {
			continue
		}
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

// label returns the label of the slot that starts at a time.
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
