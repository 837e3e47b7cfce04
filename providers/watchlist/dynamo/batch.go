package dynamo

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// batch is what is counted at once: the changes of some records. Each record
// says which batch wrote it last, and its own part of it.
type batch struct {
	// ID is that of the line in the history, if there is one.
	ID string `json:"id"`
	// Lane is where the batch is counted.
	Lane int `json:"lane"`
	// Alone says that the record has the whole batch. Then it is committed by
	// the write of that record, and whoever finds it can count it. A batch of
	// several records is committed by an item of its own.
	Alone bool              `json:"alone,omitempty"`
	Tally tally             `json:"tally,omitempty"`
	Line  *watchlist.Change `json:"line,omitempty"`
}

// newID names a batch. It tells when that was.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// begun is when a batch was named, by its writer's clock.
func (b batch) begun() time.Time {
	id, err := uuid.Parse(b.ID)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(id.Time().UnixTime())
}

// outcome is what has become of a batch.
type outcome string

const (
	// open: it is being written, or its writer died.
	open outcome = ""
	// committed: it must be counted, and perhaps was already.
	committed outcome = "committed"
	// aborted: it was not committed in time and never will be.
	aborted outcome = "aborted"
	// counted: counters and history have it.
	counted outcome = "counted"
)

// place is where the item lies that tells a batch's outcome. A line in the
// history tells that its batch is counted.
func (b batch) place() place {
	if b.Line != nil {
		return linePlace(b.ID)
	}
	return place{"batch#" + b.ID, "batch"}
}

// lookup finds out what has become of batches, and what those that are
// committed have to count.
func (s *Store) lookup(ctx context.Context, batches []batch) (map[string]outcome, map[string]batch, error) {
	places := make([]place, len(batches))
	for i, b := range batches {
		places[i] = b.place()
	}
	found, err := s.fetch(ctx, places, true)
	if err != nil {
		return nil, nil, err
	}
	states, whole := map[string]outcome{}, map[string]batch{}
	for _, b := range batches {
		i, there := found[b.place()]
		switch state := outcome(textOf(i, stateName)); {
		case !there:
			states[b.ID] = open
		case b.Line != nil:
			states[b.ID] = counted
		default:
			states[b.ID] = state
			if state == committed {
				if err := jsonOf(i, pendingName, &b); err != nil {
					return nil, nil, err
				}
				whole[b.ID] = b
			}
		}
		s.outcomes.learn(b.ID, states[b.ID])
	}
	return states, whole, nil
}

// commit decides that a batch of several records will be counted. It returns
// false where somebody thought that its writer was dead and aborted it.
func (s *Store) commit(ctx context.Context, b batch) (bool, error) {
	pending, err := json.Marshal(b)
	if err != nil {
		return false, err
	}
	i := b.place().key()
	i[stateName], i[pendingName] = text(string(committed)), text(string(pending))
	won, err := s.put(ctx, i, absent())
	if won || err != nil {
		return won, err
	}
	states, _, err := s.lookup(ctx, []batch{b})
	return states[b.ID] != aborted, err
}

// abort decides that a batch will not be counted. It returns false where its
// outcome is another one already.
func (s *Store) abort(ctx context.Context, b batch) (bool, error) {
	i := b.place().key()
	i[stateName] = text(string(aborted))
	won, err := s.put(ctx, i, absent())
	if won {
		s.outcomes.learn(b.ID, aborted)
	}
	return won, err
}

// conclude remembers for ever that a batch is counted: records that it wrote
// may lie for years.
func (s *Store) conclude(ctx context.Context, b batch) error {
	var err error
	if b.Line != nil {
		err = s.putLine(ctx, *b.Line)
	} else {
		i := b.place().key()
		i[stateName] = text(string(counted))
		_, err = s.put(ctx, i, nil)
	}
	if err == nil {
		s.outcomes.learn(b.ID, counted)
	}
	return err
}

// What a writer has for the batch that it began, from its own clock's word for
// it, before others take it for dead; and how often they look.
const (
	patience  = 5 * time.Second
	lookDelay = 25 * time.Millisecond
)

// settle sees to it that the outcome of batches is final, and tells it: those
// that are committed get counted, those that nobody commits are aborted. The
// outcome of the others is told as it is.
func (s *Store) settle(ctx context.Context, batches, others []batch) (map[string]outcome, error) {
	outcomes := map[string]outcome{}
	batches, others = s.outcomes.tell(batches, outcomes), s.outcomes.tell(others, outcomes)
	start := time.Now()
	for attempt := 1; len(batches)+len(others) > 0; attempt++ {
		states, whole, err := s.lookup(ctx, append(others, batches...))
		if err != nil {
			return nil, err
		}
		for _, b := range others {
			outcomes[b.ID] = states[b.ID]
		}
		var waiting, again []batch
		for _, b := range batches {
			begun := b.begun()
			if begun.After(start) {
				begun = start // a clock is wrong
			}
			state := states[b.ID]
			switch {
			case state == committed:
				state, err = counted, s.count(ctx, whole[b.ID], nil)
			case state == open && b.Alone:
				state, err = counted, s.count(ctx, b, nil)
			case state == open && time.Since(begun) < s.patience:
				waiting = append(waiting, b)
			case state == open:
				var won bool
				if won, err = s.abort(ctx, b); won {
					state = aborted
				} else {
					again = append(again, b)
				}
			}
			if err != nil {
				return nil, err
			}
			outcomes[b.ID] = state
		}
		if len(waiting) > 0 {
			if err := pause(ctx, lookDelay, attempt); err != nil {
				return nil, err
			}
		}
		batches, others = append(waiting, again...), nil
	}
	return outcomes, nil
}

// outcomes are those that are known to be final, as far as there is room. The
// zero value is ready.
type outcomes struct {
	mu    sync.Mutex
	known map[string]outcome
}

// maxOutcomes bounds the memory that outcomes take to some ten megabytes.
const maxOutcomes = 100_000

// learn remembers an outcome, if it is final.
func (o *outcomes) learn(id string, state outcome) {
	if state != aborted && state != counted {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil || len(o.known) == maxOutcomes {
		o.known = map[string]outcome{}
	}
	o.known[id] = state
}

// of is the outcome of a batch as far as it is known.
func (o *outcomes) of(id string) outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[id]
}

// tell puts those outcomes that are known into a map, and returns the batches
// of the others, each once.
func (o *outcomes) tell(batches []batch, into map[string]outcome) (rest []batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	there := map[string]bool{}
	for _, b := range batches {
		if state, known := o.known[b.ID]; known {
			into[b.ID] = state
		} else if !there[b.ID] {
			there[b.ID] = true
			rest = append(rest, b)
		}
	}
	return rest
}
