package entry

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Event is something that happens once to an entry.
type Event string

// The events that are counted.
const (
	// Added is counted when an entry is added. It stays counted if the entry is removed.
	Added Event = "added"
	// Ending is counted for the hour in which an entry expires, as long as the entry
	// exists. The sum of these counts is the number of entries.
	Ending Event = "ending"
)

// Counter identifies the number of entries of one type and disposition to which an event
// happens in one hour.
type Counter struct {
	Event Event
	// Hour is the start of the hour in UTC, or zero for entries that never end. An entry
	// that is valid until 15:00 ends in the hour from 14:00.
	Hour        time.Time
	Type        ctim.ObservableType
	Disposition ctim.Disposition
}

// The text of a Counter's hour. These texts sort by time, and never is last.
const (
	hourLayout = "2006-01-02T15"
	neverText  = "never"
)

// String returns the counter as stores write it, such as
// "added#2026-01-02T15#ip#2". The texts of an event's counters sort by hour.
func (c Counter) String() string {
	hour := neverText
	if !c.Hour.IsZero() {
		hour = c.Hour.UTC().Format(hourLayout)
	}
	return strings.Join([]string{string(c.Event), hour, string(c.Type), strconv.Itoa(int(c.Disposition))}, "#")
}

// ParseCounter parses the text that String returns.
func ParseCounter(text string) (Counter, error) {
	parts := strings.Split(text, "#")
	if len(parts) != 4 {
		return Counter{}, fmt.Errorf("%q is not a counter", text)
	}
	c := Counter{Event: Event(parts[0]), Type: ctim.ObservableType(parts[2])}
	disposition, err := strconv.Atoi(parts[3])
	if err == nil && parts[1] != neverText {
		c.Hour, err = time.Parse(hourLayout, parts[1])
	}
	if err != nil {
		return Counter{}, fmt.Errorf("%q is not a counter: %w", text, err)
	}
	c.Disposition = ctim.Disposition(disposition)
	return c, nil
}

// Counts is the number of entries by counter, or the change of that number. Counters
// with 0 are left out.
type Counts map[Counter]int

// Replace counts a change of the entries under a key. An entry is added if before has
// none with its identity.
func (c Counts) Replace(before, after []Entry) {
	there := make(map[string]bool, len(before))
	for i := range before {
		there[before[i].Identity()] = true
		c.add(before[i].counter(Ending), -1)
	}
	for i := range after {
		c.add(after[i].counter(Ending), 1)
		if len(there) == 0 || !there[after[i].Identity()] {
			c.add(after[i].counter(Added), 1)
		}
	}
}

// Plus adds other counts.
func (c Counts) Plus(other Counts) {
	for counter, n := range other {
		c.add(counter, n)
	}
}

func (c Counts) add(counter Counter, n int) {
	c[counter] += n
	if c[counter] == 0 {
		delete(c, counter)
	}
}

// Sum returns the number of entries in all counters.
func (c Counts) Sum() (n int) {
	for _, count := range c {
		n += count
	}
	return n
}

// counter returns the counter of the entry's event.
func (e *Entry) counter(event Event) Counter {
	c := Counter{Event: event, Type: e.Observable.Type, Disposition: e.Disposition}
	switch {
	case event == Added:
		c.Hour = hour(e.Added)
	case !e.ValidUntil.IsZero():
		c.Hour = hour(e.ValidUntil.Add(-1))
	}
	return c
}

// hour returns the start of the hour in UTC.
func hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// Listed returns the number of entries that haven't ended before the hour of now.
func Listed(ctx context.Context, store Store, now time.Time) (int, error) {
	counts, err := store.Counts(ctx, Ending, now)
	return counts.Sum(), err
}
