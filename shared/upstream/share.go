package upstream

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// response is the outcome of a call. Its body is shared and must not be changed.
type response struct {
	body []byte
	err  error
	// quota is the caller's quota by the headers, or nil.
	quota relay.Quotas
	// free releases the buffer of a large body; nil if there is none.
	free func()
}

// call is a request in progress, for which several callers may wait. One that stops
// waiting doesn't affect the others. The last one cancels it.
type call struct {
	group  *calls
	key    *key          // nil if the call is not shared
	done   chan struct{} // closed when the response is set
	cancel context.CancelFunc
	response

	// Guarded by group.mu:
	waiting  int
	finished bool
	caches   []*cache  // of the callers
	deadline time.Time // the callers' latest
}

// calls are the shared calls in progress. Equal requests share a call while it is
// in progress, and a cached response afterwards.
type calls struct {
	mu    sync.Mutex // guards the caches too
	byKey map[key]*call
}

// fetch returns the response to a request. It retries only while the call
// hasTime.
type fetch func(context.Context, *call) response

// join returns a finished call with a response from a cache, the call in progress
// with the same key, or a new call. The cache will store the response. If k is nil, the
// call is a new one that is not shared.
func (g *calls) join(ctx context.Context, k *key, cache *cache, f fetch) *call {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k == nil {
		return g.begin(ctx, nil, f)
	}
	if body, ok := cache.get(*k); ok {
		c := &call{group: g, done: make(chan struct{}), cancel: func() {}, response: response{body: body}, waiting: 1, finished: true}
		close(c.done)
		return c
	}
	c := g.byKey[*k]
	if c == nil {
		c = g.begin(ctx, k, f)
		g.byKey[*k] = c
	} else {
		c.addWaiter(ctx)
	}
	if !slices.Contains(c.caches, cache) {
		c.caches = append(c.caches, cache)
	}
	return c
}

func (g *calls) begin(ctx context.Context, k *key, f fetch) *call {
	// The call keeps ctx's values but not its end: others may wait longer.
	callCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &call{group: g, key: k, done: make(chan struct{}), cancel: cancel}
	c.addWaiter(ctx)
	go func() { c.finish(f(callCtx, c)) }()
	return c
}

// addWaiter adds a caller that waits until ctx's deadline.
func (c *call) addWaiter(ctx context.Context) {
	c.waiting++
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(math.MaxInt64) // 292 years
	}
	if deadline.After(c.deadline) {
		c.deadline = deadline
	}
}

// finish sets the response.
func (c *call) finish(r response) {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	c.response, c.finished = r, true
	c.unshare()
	if r.err == nil {
		for _, cache := range c.caches {
			cache.put(*c.key, r.body)
		}
	}
	close(c.done)
	c.freeUnused()
}

// release ends a caller's wait, when it has read the response or gives up.
func (c *call) release() {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	c.waiting--
	if c.waiting == 0 {
		c.unshare()
		c.cancel()
	}
	c.freeUnused()
}

// unshare prevents further callers from joining.
func (c *call) unshare() {
	if c.key != nil && c.group.byKey[*c.key] == c {
		delete(c.group.byKey, *c.key)
	}
}

// freeUnused releases the response's buffer if no caller needs it any more.
func (c *call) freeUnused() {
	if c.finished && c.waiting == 0 && c.free != nil {
		c.free()
	}
}

// hasTime reports whether a caller will still wait after the pause.
func (c *call) hasTime(pause time.Duration) bool {
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	return time.Now().Add(pause).Before(c.deadline)
}

// cache stores the bodies of responses. If it has no room for a new one, the
// oldest are removed. It is guarded by calls.mu.
type cache struct {
	// maxAge is how long a body is valid; 0 means without end.
	maxAge time.Duration
	// room is how many more bytes fit.
	room   int
	bodies map[key]cached
	order  []key // the oldest first
}

type cached struct {
	body []byte
	at   time.Time
}

// newCache returns a cache of up to room bytes.
func newCache(room int, maxAge time.Duration) *cache {
	return &cache{maxAge: maxAge, room: room, bodies: map[key]cached{}}
}

// get returns a valid body.
func (c *cache) get(k key) (body []byte, ok bool) {
	found, ok := c.bodies[k]
	if !ok || c.expired(found) {
		return nil, false
	}
	return found.body, true
}

// put stores a body, except a large one: it would push out many.
func (c *cache) put(k key, body []byte) {
	if len(body) > smallBody {
		return
	}
	if old, ok := c.bodies[k]; ok {
		// It keeps its place in the order, so it is removed a little early.
		c.room += len(old.body)
	} else {
		c.order = append(c.order, k)
	}
	c.bodies[k] = cached{body, time.Now()}
	c.room -= len(body)
	for len(c.order) > 0 && (c.room < 0 || c.expired(c.bodies[c.order[0]])) {
		c.room += len(c.bodies[c.order[0]].body)
		delete(c.bodies, c.order[0])
		c.order = c.order[1:]
	}
}

func (c *cache) expired(b cached) bool { return c.maxAge > 0 && time.Since(b.at) >= c.maxAge }
