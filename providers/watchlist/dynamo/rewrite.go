package dynamo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// How entries are written: so many records in a batch, and so many at the same
// time.
const (
	batchSize = 250
	maxWrites = 16
)

// How often something is tried that others came before, and the base of the
// wait in between.
const (
	maxRounds    = 200
	contendDelay = 10 * time.Millisecond
)

// What a batch gets once its writing is begun: a time for all, and one more for
// each record.
const (
	batchTime  = 5 * time.Second
	recordTime = 100 * time.Millisecond
)

// task is a record to be changed.
type task struct {
	key watchlist.Key
	// edit says what to make of the entries. It is nil once that is stored: what
	// is left then is to have it counted, as its batch was aborted.
	edit func(before []watchlist.Entry) (edited, error)

	// stored says that the change is made, or that there was none to make.
	stored bool
	// failed is why this record can't be changed, though others can.
	failed error
	// tried are the batches whose write was refused, perhaps only because it was
	// sent a second time.
	tried []batch
}

// edited are the entries that an edit leaves, and its line for the history.
type edited struct {
	after   []watchlist.Entry
	changed bool
	line    *watchlist.Change
}

// rewriteAll changes records, in as many batches as it takes. Where one fails,
// those that are begun are finished.
func (s *Store) rewriteAll(ctx context.Context, tasks []*task) error {
	var group errgroup.Group
	group.SetLimit(laneCount)
	var stop atomic.Bool
	for some := range slices.Chunk(tasks, batchSize) {
		group.Go(func() error {
			if stop.Load() {
				return nil
			}
			err := s.rewrite(ctx, some)
			if err != nil {
				stop.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, t := range tasks {
		if t.failed != nil {
			return t.failed
		}
	}
	return nil
}

// rewrite changes the records of a batch. Those that others change at the same
// time are tried again.
func (s *Store) rewrite(ctx context.Context, tasks []*task) error {
	var lane int
	select {
	case <-ctx.Done():
		return ctx.Err()
	case lane = <-s.lanes:
	}
	defer func() { s.lanes <- lane }()
	for attempt := 1; ; attempt++ {
		var err error
		if tasks, err = s.round(ctx, lane, tasks); err != nil || len(tasks) == 0 {
			return err
		}
		if attempt == maxRounds {
			return fmt.Errorf("%w: others keep changing what is said about %s", watchlist.ErrBusy, tasks[0].key.Value)
		}
		if err := pause(ctx, contendDelay, attempt); err != nil {
			return err
		}
	}
}

// write is a change of a record on its way.
type write struct {
	task   *task
	before string // the record's version
	after  record
	item   item
	tally  watchlist.Counts
	line   *watchlist.Change
	won    bool
}

// counts says whether the write has anything for the counters or the history.
func (w *write) counts() bool { return len(w.tally) > 0 || w.line != nil }

// round tries to change records, and returns the tasks that are to be tried
// again.
func (s *Store) round(ctx context.Context, lane int, tasks []*task) (again []*task, err error) {
	records, before, err := s.read(ctx, lane, tasks)
	if err != nil {
		return nil, err
	}
	outcomes, err := s.settleRecords(ctx, tasks, records, before)
	if err != nil {
		return nil, err
	}
	var writes []*write
	for i, t := range tasks {
		w, err := t.plan(records[i], outcomes)
		if err != nil {
			return nil, err
		}
		if w != nil {
			writes = append(writes, w)
		}
	}
	if len(writes) == 0 {
		return nil, nil
	}
	return s.carryOut(ctx, lane, writes, before)
}

// carryOut writes records and has that counted, also where the caller gives up
// in the middle of it. It returns the tasks that are to be tried again.
func (s *Store) carryOut(ctx context.Context, lane int, writes []*write, before head) (again []*task, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), batchTime+time.Duration(len(writes))*recordTime)
	defer cancel()
	b, writes := assemble(lane, writes)
	if err := s.writeAll(ctx, b, writes); err != nil {
		return nil, err
	}
	var counting []*task
	sum := watchlist.Counts{}
	for _, w := range writes {
		switch {
		case w.won && w.counts():
			counting = append(counting, w.task)
			sum.Plus(w.tally)
		case !w.won:
			again = append(again, w.task)
			if b.Alone && w.counts() {
				w.task.tried = append(w.task.tried, b)
			}
		}
	}
	if len(counting) == 0 {
		return again, nil
	}
	b.Tally = tally(sum)
	if !b.Alone {
		won, err := s.commit(ctx, b)
		if err != nil {
			return nil, err
		}
		if !won {
			for _, t := range counting {
				t.edit = nil
			}
			return append(again, counting...), nil
		}
	}
	return again, s.count(ctx, b, &before)
}

// read reads the tasks' records, and the head of the lane.
func (s *Store) read(ctx context.Context, lane int, tasks []*task) ([]record, head, error) {
	places := []place{headPlace(lane)}
	for _, t := range tasks {
		places = append(places, recordPlace(t.key))
	}
	found, err := s.fetch(ctx, places, true)
	if err != nil {
		return nil, head{}, err
	}
	records := make([]record, len(tasks))
	for i := range tasks {
		if records[i], err = readRecord(places[i+1], found[places[i+1]]); err != nil {
			return nil, head{}, err
		}
	}
	h, err := readHead(lane, found[places[0]])
	return records, h, err
}

// settleRecords settles the batches that wrote the records last, and looks up
// in the same request what else is good to know: whether the lane is free, and
// whether a write was made that was refused when it was sent again.
func (s *Store) settleRecords(ctx context.Context, tasks []*task, records []record, before head) (map[string]outcome, error) {
	var batches, others []batch
	for _, r := range records {
		if r.pending != nil {
			batches = append(batches, *r.pending)
		}
	}
	if before.sequence > 0 {
		others = append(others, before.batch)
	}
	for _, t := range tasks {
		others = append(others, t.tried...)
	}
	return s.settle(ctx, batches, others)
}

// plan is what a task has to write; nil for nothing.
func (t *task) plan(r record, outcomes map[string]outcome) (*write, error) {
	for _, b := range t.tried {
		if b.ID == r.version || outcomes[b.ID] == counted {
			t.stored = true
			return nil, nil
		}
	}
	w := &write{task: t, before: r.version, after: record{at: r.at, entries: r.entries}, tally: watchlist.Counts{}}
	if r.pending != nil && outcomes[r.pending.ID] == aborted {
		w.tally.Plus(watchlist.Counts(r.pending.Tally))
	}
	changed := false
	if t.edit != nil {
		e, err := t.edit(r.entries)
		if err != nil {
			return nil, err
		}
		if changed = e.changed; changed {
			w.after.entries, w.line = e.after, e.line
			w.tally.Replace(r.entries, e.after)
		}
	}
	if !changed && !w.counts() {
		t.stored = true
		return nil, nil
	}
	return w, nil
}

// assemble makes a batch of writes. A write that is too large fails its task,
// and is left out.
func assemble(lane int, writes []*write) (batch, []*write) {
	b := batch{ID: newID(), Lane: lane}
	counting := 0
	for _, w := range writes {
		if w.counts() {
			counting++
		}
		if w.line != nil {
			b.ID, b.Line = w.line.ID, w.line
		}
	}
	b.Alone = counting == 1
	var fit []*write
	for _, w := range writes {
		w.after.version = b.ID
		if w.counts() {
			part := b
			part.Tally = tally(w.tally)
			w.after.pending = &part
		}
		var err error
		if w.item, err = w.after.item(); err != nil {
			w.task.failed = fmt.Errorf("%s %s: %w", w.task.key.Kind, w.task.key.Value, err)
			continue
		}
		fit = append(fit, w)
	}
	return b, fit
}

// writeAll writes those records of a batch that nobody else wrote since they
// were read. Where one fails, those that are not begun are left.
func (s *Store) writeAll(ctx context.Context, b batch, writes []*write) error {
	var options []func(*dynamodb.Options)
	if len(writes) > 1 {
		options = append(options, patiently)
	}
	var group errgroup.Group
	var stop atomic.Bool
	for _, w := range writes {
		s.writes <- struct{}{}
		group.Go(func() error {
			defer func() { <-s.writes }()
			if stop.Load() {
				return nil
			}
			only := absent()
			if w.before != "" {
				only = unchanged(versionName, text(w.before))
			}
			var err error
			if w.won, err = s.put(ctx, w.item, only, options...); err != nil {
				stop.Store(true)
			}
			w.task.stored = w.task.stored || w.won
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return s.recognize(ctx, b, writes)
}

// recognize finds those among the refused writes that were made all the same:
// sent a second time because the answer was lost, they met themselves. A record
// that has a batch to itself is recognized later, by what became of the batch.
func (s *Store) recognize(ctx context.Context, b batch, writes []*write) error {
	refused := map[place]*write{}
	for _, w := range writes {
		if !w.won && !(b.Alone && w.counts()) {
			refused[w.after.at] = w
		}
	}
	if len(refused) == 0 {
		return nil
	}
	found, err := s.fetch(ctx, slices.Collect(maps.Keys(refused)), true, versionName)
	if err != nil {
		return err
	}
	for at, w := range refused {
		w.won = textOf(found[at], versionName) == b.ID
		w.task.stored = w.task.stored || w.won
	}
	return nil
}
