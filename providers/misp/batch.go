package misp

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/upstream"
)

const (
	// batchSize is how many observables one call searches for.
	batchSize = 25
	// pageSize and maxPages limit how many attributes are read: one page for a
	// batch, maxPages for a single observable.
	pageSize, maxPages = 500, 10
	// maxWholeEvents is how many events are read with all attributes: see matches.
	maxWholeEvents = 100
)

// errManyMatches reports that a batch has more attributes than a page.
var errManyMatches = errors.New("misp: more matches than a batch may have")

// batch is a group of observables that are searched for together. Its methods are safe
// for concurrent use. The first caller searches for all.
type batch struct {
	session *session
	targets []target

	searchOnce, describeOnce *once
	// The result of search: the findings of each value, the newest event first,
	// without target. incomplete reports that MISP has more than was read, whole
	// that the events came with all details.
	findings          map[valueKey][]finding
	incomplete, whole bool
}

func (s *session) newBatch(targets ...target) *batch {
	return &batch{session: s, targets: targets, searchOnce: newOnce(), describeOnce: newOnce()}
}

// newBatches returns the batch of each observable. Invalid observables have none.
func (s *session) newBatches(all []ctim.Observable) map[ctim.Observable]*batch {
	batches := map[ctim.Observable]*batch{}
	var last *batch
	for _, o := range all {
		t, err := newTarget(o)
		if err != nil {
			continue
		}
		if last == nil || len(last.targets) == batchSize {
			last = s.newBatch()
		}
		last.targets = append(last.targets, t)
		batches[o] = last
	}
	return batches
}

// find returns the batch with the observable's findings, or nil for an invalid
// observable. If a batch fails, each of its observables is searched for alone, because
// one of them may be the cause.
func (s *session) find(ctx context.Context, o ctim.Observable) (*batch, error) {
	b := s.batches[o]
	if b == nil {
		return nil, nil
	}
	err := b.search(ctx)
	if err != nil && len(b.targets) > 1 {
		return s.findAlone(ctx, o)
	}
	return b, err
}

// findAlone is find for a batch of one observable.
func (s *session) findAlone(ctx context.Context, o ctim.Observable) (*batch, error) {
	t, err := newTarget(o)
	if err != nil {
		return nil, nil
	}
	b := s.newBatch(t)
	return b, b.search(ctx)
}

// of returns the findings of an observable.
func (b *batch) of(o ctim.Observable) []finding {
	if b == nil {
		return nil
	}
	t, err := newTarget(o)
	if err != nil {
		return nil
	}
	findings := slices.Clone(b.findings[t.key()])
	for i := range findings {
		findings[i].target = t
	}
	return findings
}

func (b *batch) search(ctx context.Context) error {
	return b.searchOnce.do(ctx, func() error {
		matches, err := b.matches(ctx)
		if err == nil {
			b.group(matches)
		}
		return err
	})
}

// matches searches for the attributes. Some releases of MISP return an empty list for
// some searches for attributes, so an empty list is confirmed by a search for events.
func (b *batch) matches(ctx context.Context) ([]match, error) {
	q := query{keep: b.keep()}
	for _, t := range b.targets {
		values, prefixes := t.spellings()
		q.values = append(q.values, values...)
		q.prefixes = append(q.prefixes, prefixes...)
	}
	// Pages are smaller if a response is too large.
	for limit := pageSize; ; limit = max(1, limit/10) {
		matches, none, err := b.pages(ctx, q, limit)
		switch {
		case errors.Is(err, upstream.ErrTooLarge) && len(b.targets) == 1 && limit > 1:
			continue
		case err == nil && none:
			b.whole = true
			return b.session.wholeEvents(ctx, q, maxWholeEvents)
		default:
			return matches, err
		}
	}
}

// pages searches for attributes page by page. none reports that MISP found nothing.
func (b *batch) pages(ctx context.Context, q query, limit int) (matches []match, none bool, err error) {
	for number := 1; number <= maxPages; number++ {
		page, count, err := b.session.attributes(ctx, q, limit, number)
		if err != nil {
			return nil, false, err
		}
		matches = append(matches, page...)
		switch {
		case count != limit: // fewer, or all from a server that ignores the limit
			return matches, count == 0 && number == 1, nil
		case len(b.targets) > 1:
			return nil, false, errManyMatches
		}
	}
	b.incomplete = true
	return matches, false, nil
}

// keep returns a function that selects the attributes with a target in them.
func (b *batch) keep() func(*mispevent.Attribute) bool {
	wanted := b.keys()
	return func(a *mispevent.Attribute) bool {
		parts, _ := a.Parts()
		return slices.ContainsFunc(parts, func(part mispevent.Part) bool {
			return slices.ContainsFunc(keysOf(part.Observable), func(k valueKey) bool { return wanted[k] })
		})
	}
}

func (b *batch) keys() map[valueKey]bool {
	keys := map[valueKey]bool{}
	for _, t := range b.targets {
		keys[t.key()] = true
	}
	return keys
}

// group collects matches into findings: by value and event.
func (b *batch) group(matches []match) {
	type place struct {
		key   valueKey
		event string
	}
	var (
		events = map[string]*mispevent.Event{} // pages repeat events
		places = map[place]int{}
		wanted = b.keys()
		seen   = map[string]bool{} // pages may overlap
	)
	b.findings = map[valueKey][]finding{}
	for _, found := range matches {
		id := string(cmp.Or(found.event.ID, found.event.UUID, found.event.Info))
		uuid := string(found.attribute.UUID)
		if uuid != "" && seen[uuid] {
			continue
		}
		seen[uuid] = true
		if events[id] == nil {
			events[id] = found.event
		}
		parts, _ := found.attribute.Parts()
		for _, part := range parts {
			m := match{found.attribute, part, events[id]}
			if !m.counts(b.session.Call().Settings.(settings).ToIDsOnly) {
				continue
			}
			for _, key := range keysOf(part.Observable) {
				if !wanted[key] {
					continue
				}
				at, known := places[place{key, id}]
				if !known {
					at = len(b.findings[key])
					places[place{key, id}] = at
					b.findings[key] = append(b.findings[key], finding{event: m.event, page: b.session.eventPage(m.event), now: b.session.Time})
				}
				b.findings[key][at].matches = append(b.findings[key][at].matches, m)
			}
		}
	}
	for _, findings := range b.findings {
		slices.SortStableFunc(findings, func(x, y finding) int { return y.event.Timestamp.Compare(x.event.Timestamp.Time) })
	}
}

// newest returns at most limit findings: the newest, and always the one that decides.
func newest(findings []finding, limit int) []finding {
	if len(findings) <= limit {
		return findings
	}
	decides := 0
	for i, f := range findings[1:] {
		if f.assess().outranks(findings[decides].assess(), f.now) {
			decides = i + 1
		}
	}
	kept := slices.Clone(findings[:limit])
	if decides >= limit {
		kept[limit-1] = findings[decides]
	}
	return kept
}

// once does the work for the first of concurrent callers. The others wait for it until
// their context ends.
type once struct {
	started atomic.Bool
	done    chan struct{}
	err     error
}

func newOnce() *once {
	return &once{done: make(chan struct{}), err: errors.New("misp: ended by a panic")}
}

// do returns the error of the only call of work.
func (o *once) do(ctx context.Context, work func() error) error {
	if o.started.CompareAndSwap(false, true) {
		defer close(o.done)
		o.err = work()
		return o.err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
