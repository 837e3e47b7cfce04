package upstream

import (
	"context"
	"sync"
)

// limits bounds the concurrent calls of each credential. It forgets credentials
// without calls.
type limits struct {
	perCredential int

	mu    sync.Mutex
	slots map[identity]*slots
}

// slots are the slots of one credential. users counts the calls that have a slot
// or wait for one.
type slots struct {
	taken chan struct{}
	users int
}

// acquire waits for a slot until ctx ends. The caller must call release.
func (l *limits) acquire(ctx context.Context, id identity) (release func(), err error) {
	l.mu.Lock()
	s := l.slots[id]
	if s == nil {
		s = &slots{taken: make(chan struct{}, l.perCredential)}
		l.slots[id] = s
	}
	s.users++
	l.mu.Unlock()

	select {
	case s.taken <- struct{}{}:
		return func() { <-s.taken; l.removeUser(id, s) }, nil
	case <-ctx.Done():
		l.removeUser(id, s)
		return nil, ctx.Err()
	}
}

func (l *limits) removeUser(id identity, s *slots) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.users--
	if s.users == 0 {
		delete(l.slots, id)
	}
}
