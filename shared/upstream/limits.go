package upstream

import (
	"context"
	"sync"
)

// limits bounds how many calls each credential has under way. It remembers
// only those that have some.
type limits struct {
	most int

	mu    sync.Mutex
	slots map[identity]*slots
}

// slots are one credential's, and how many calls have or want one.
type slots struct {
	taken chan struct{}
	users int
}

// acquire waits for a slot. The caller gives it back by release.
func (l *limits) acquire(ctx context.Context, by identity) (release func(), err error) {
	l.mu.Lock()
	s := l.slots[by]
	if s == nil {
		s = &slots{taken: make(chan struct{}, l.most)}
		l.slots[by] = s
	}
	s.users++
	l.mu.Unlock()

	select {
	case s.taken <- struct{}{}:
		return func() { <-s.taken; l.part(by, s) }, nil
	case <-ctx.Done():
		l.part(by, s)
		return nil, ctx.Err()
	}
}

func (l *limits) part(by identity, s *slots) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.users--
	if s.users == 0 {
		delete(l.slots, by)
	}
}
