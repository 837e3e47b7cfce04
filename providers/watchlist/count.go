package watchlist

import (
	"context"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Count is how many entries of one type and disposition belong to an hour.
type Count struct {
	// Hour is the hour's beginning in UTC; zero stands for "never". An entry
	// ends in the hour in which it counts for the last time: one that is valid
	// until 15:00 ends in the hour of 14:00.
	Hour        time.Time
	Type        ctim.ObservableType
	Disposition ctim.Disposition
	N           int
}

// Event is what counters count.
type Event string

// The events of an entry.
const (
	Added  Event = "added"
	Ending Event = "ending"
)

// Counter names a counter.
type Counter struct {
	Event       Event
	Hour        time.Time // as in Count
	Type        ctim.ObservableType
	Disposition ctim.Disposition
}

// Tally is by how much counters change.
type Tally map[Counter]int

// Replace counts what it means that the entries under a key become others. An
// entry is added if its identity wasn't there before.
func (t Tally) Replace(before, after []Entry) {
	there := make(map[string]bool, len(before))
	for i := range before {
		there[before[i].Identity()] = true
		t.add(before[i].counter(Ending), -1)
	}
	for i := range after {
		t.add(after[i].counter(Ending), 1)
		if !there[after[i].Identity()] {
			t.add(after[i].counter(Added), 1)
		}
	}
}

// Plus adds another tally.
func (t Tally) Plus(other Tally) {
	for c, n := range other {
		t.add(c, n)
	}
}

func (t Tally) add(c Counter, n int) {
	t[c] += n
	if t[c] == 0 {
		delete(t, c)
	}
}

// counter is the one that counts the entry's event.
func (e *Entry) counter(event Event) Counter {
	c := Counter{Event: event, Type: e.Observable.Type, Disposition: e.Disposition}
	switch {
	case event == Added:
		c.Hour = Hour(e.Added)
	case !e.ValidUntil.IsZero():
		c.Hour = Hour(e.ValidUntil.Add(-1))
	}
	return c
}

// Hour is the beginning of the hour in UTC.
func Hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// The hours as stores write them: sorted as text they are sorted by time, and
// never is the last.
const (
	hourLayout = "2006-01-02T15"
	never      = "never"
)

// HourKey is an hour as stores write it, so that text sorts as time does. The
// zero time is "never", and after all others.
func HourKey(hour time.Time) string {
	if hour.IsZero() {
		return never
	}
	return hour.UTC().Format(hourLayout)
}

// ParseHourKey reads what HourKey wrote.
func ParseHourKey(key string) (time.Time, error) {
	if key == never {
		return time.Time{}, nil
	}
	return time.Parse(hourLayout, key)
}

// Listed is how many entries a store has that don't end before now.
func Listed(ctx context.Context, store Store, now time.Time) (int, error) {
	counts, err := store.Counts(ctx, Ending, now)
	return sum(counts), err
}

func sum(counts []Count) (n int) {
	for _, c := range counts {
		n += c.N
	}
	return n
}
