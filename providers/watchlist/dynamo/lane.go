package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// laneCount is how many batches can be counted at the same time. A batch stays
// in the lane that its writer chose, so the number may change.
const laneCount = 4

// head is the item of a lane. It has the batch that is being counted there; all
// before it are.
type head struct {
	lane int
	// sequence is the batch's number in the lane, from 1; zero where there was
	// none yet.
	sequence int64
	batch    batch
}

func headPlace(lane int) place { return place{"lane#" + strconv.Itoa(lane), "lane"} }

func readHead(lane int, i item) (head, error) {
	h := head{lane: lane}
	sequence, err := numberOf(i, sequenceName)
	if err != nil {
		return h, err
	}
	h.sequence = sequence
	return h, jsonOf(i, pendingName, &h.batch)
}

// count has a batch counted, once, however many are at it and wherever they
// stop. It may be called when the batch is committed, with the lane's head as
// it was before the batch was there, if that is known.
//
// A batch's changes are added to the counters under a number that the lane
// gives it. A counter refuses what comes under a number that it has seen, or
// one before; and the next number is given only when the batch is counted. So
// what a slow process still sends changes nothing.
func (s *Store) count(ctx context.Context, b batch, before *head) error {
	if len(b.Tally) == 0 {
		return s.conclude(ctx, b)
	}
	for attempt := 1; attempt <= maxRounds; attempt++ {
		if before == nil {
			h, done, err := s.headFor(ctx, b)
			if err != nil || done {
				return err
			}
			before = &h
		}
		if before.batch.ID == b.ID {
			return s.finish(ctx, *before)
		}
		if before.sequence > 0 && s.outcomes.of(before.batch.ID) != counted {
			if err := s.finish(ctx, *before); err != nil {
				return err
			}
		}
		next, won, err := s.take(ctx, *before, b)
		if err != nil {
			return err
		}
		if won {
			return s.finish(ctx, next)
		}
		before = nil
		if err := pause(ctx, contendDelay, attempt); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: others are always first to count what they change", watchlist.ErrBusy)
}

// headFor reads the head of a batch's lane, and then whether the batch is
// counted. In this order: one that is not counted after the head was read was
// in the lane at no number before the head's.
func (s *Store) headFor(ctx context.Context, b batch) (h head, done bool, err error) {
	at := headPlace(b.Lane)
	found, err := s.fetch(ctx, []place{at}, true)
	if err != nil {
		return h, false, err
	}
	if h, err = readHead(b.Lane, found[at]); err != nil {
		return h, false, err
	}
	asked := []batch{b}
	if h.sequence > 0 && h.batch.ID != b.ID {
		asked = append(asked, h.batch)
	}
	states, _, err := s.lookup(ctx, asked)
	return h, states[b.ID] == counted, err
}

// take gives a batch the next number of its lane. It returns false where
// somebody else took that, or perhaps this process did and wasn't told.
func (s *Store) take(ctx context.Context, before head, b batch) (head, bool, error) {
	next := head{lane: before.lane, sequence: before.sequence + 1, batch: b}
	pending, err := json.Marshal(b)
	if err != nil {
		return next, false, err
	}
	i := headPlace(next.lane).key()
	i[sequenceName], i[pendingName] = number(next.sequence), text(string(pending))
	only := absent()
	if before.sequence > 0 {
		only = unchanged(sequenceName, number(before.sequence))
	}
	won, err := s.put(ctx, i, only, patiently)
	return next, won, err
}

// finish counts the batch that a lane's head has.
func (s *Store) finish(ctx context.Context, h head) error {
	if err := s.add(ctx, h); err != nil {
		return err
	}
	return s.conclude(ctx, h.batch)
}
