package upstream

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// answer is what came of a question. Its body is only read, never written.
type answer struct {
	body []byte
	err  error
	// quota is what the answer's headers say about the caller's quota.
	quota relay.Quotas
	// free gives back the buffer that a large body is in; nil for none.
	free func()
}

// flight is a question under way, and all who wait for its answer. One who
// gives up costs the others nothing; when the last one does, the question is
// dropped.
type flight struct {
	group *flights
	key   *key
	done  chan struct{} // closed when the answer is there
	answer
	drop context.CancelFunc

	// Guarded by group.mu:
	waiting  int
	finished bool
	keep     []*answers
	// until is the latest deadline of those who wait, unless one has none.
	until   time.Time
	endless bool
}

// flights are the questions under way, so that the same is not asked twice at
// the same time, and the answers that are kept, so that it isn't asked again.
type flights struct {
	mu    sync.Mutex
	byKey map[key]*flight
}

// start asks a question that must be sent each time.
func (g *flights) start(ctx context.Context, ask func(context.Context, *flight) answer) *flight {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.launch(ctx, nil, ask)
}

// join waits for the answer to a question that is under way, takes the one
// that is kept, or asks. The answer goes into all of keep.
func (g *flights) join(ctx context.Context, k key, keep []*answers, ask func(context.Context, *flight) answer) *flight {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range keep {
		if body, ok := a.get(k); ok {
			f := &flight{group: g, done: make(chan struct{}), answer: answer{body: body}, drop: func() {}, waiting: 1, finished: true}
			close(f.done)
			return f
		}
	}
	f := g.byKey[k]
	if f == nil {
		f = g.launch(ctx, &k, ask)
		g.byKey[k] = f
	} else {
		f.board(ctx)
	}
	for _, a := range keep {
		if !slices.Contains(f.keep, a) {
			f.keep = append(f.keep, a)
		}
	}
	return f
}

func (g *flights) launch(ctx context.Context, k *key, ask func(context.Context, *flight) answer) *flight {
	// What the context carries goes along, its end doesn't: others may wait.
	own, drop := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{group: g, key: k, done: make(chan struct{}), drop: drop}
	f.board(ctx)
	go func() { f.land(ask(own, f)) }()
	return f
}

// board adds one who waits.
func (f *flight) board(ctx context.Context) {
	f.waiting++
	deadline, ok := ctx.Deadline()
	f.endless = f.endless || !ok
	if deadline.After(f.until) {
		f.until = deadline
	}
}

// land hands out the answer.
func (f *flight) land(a answer) {
	f.group.mu.Lock()
	defer f.group.mu.Unlock()
	f.answer, f.finished = a, true
	f.forget()
	if a.err == nil && f.key != nil {
		for _, k := range f.keep {
			k.put(*f.key, a.body)
		}
	}
	close(f.done)
	if f.waiting == 0 {
		f.end()
	}
}

// leave is called by each who waited, after it has read the answer or given up.
func (f *flight) leave() {
	f.group.mu.Lock()
	defer f.group.mu.Unlock()
	f.waiting--
	if f.waiting > 0 {
		return
	}
	f.forget()
	f.drop()
	if f.finished {
		f.end()
	}
}

// forget lets nobody else board.
func (f *flight) forget() {
	if f.key != nil && f.group.byKey[*f.key] == f {
		delete(f.group.byKey, *f.key)
	}
}

func (f *flight) end() {
	if f.free != nil {
		f.free()
	}
}

// hasTime says whether somebody still waits after that long.
func (f *flight) hasTime(after time.Duration) bool {
	f.group.mu.Lock()
	defer f.group.mu.Unlock()
	return f.endless || time.Now().Add(after).Before(f.until)
}
