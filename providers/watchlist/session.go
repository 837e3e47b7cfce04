package watchlist

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
)

// session answers one request.
type session struct {
	provider *Service
	store    entry.Store
	now      time.Time
	// who is the person who takes an action, or "" if the token doesn't name one.
	who string
	// observables are all those of the request.
	observables []ctim.Observable
	// together returns the entries for all of them. One by one, they would be as many
	// requests to a table. It is nil if there is only one.
	together func() (map[ctim.Observable][]entry.Entry, error)
	// asked are the keys of the observables. Most requests find no group, so askedAll
	// makes them when it needs them.
	asked     map[entry.Key]bool
	makeAsked sync.Once
}

var (
	_ relay.HealthChecker = (*session)(nil)
	_ relay.Deliberator   = (*session)(nil)
	_ relay.Observer      = (*session)(nil)
	_ relay.Referrer      = (*session)(nil)
	_ relay.Responder     = (*session)(nil)
	_ relay.Dashboard     = (*session)(nil)
)

// Health implements relay.HealthChecker by looking up a key.
func (s *session) Health(ctx context.Context) (relay.Quotas, error) {
	if _, err := s.store.Get(ctx, []entry.Key{{Kind: entry.KindDomain, Value: "health.example"}}); err != nil {
		return nil, unavailable(err)
	}
	return nil, nil
}

// Deliberate implements relay.Deliberator.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	matches, err := s.find(ctx, o)
	return judge(matches), err
}

func judge(matches []match) []ctim.Judgement {
	judgements := make([]ctim.Judgement, len(matches))
	for i, m := range matches {
		judgements[i] = m.judgement()
	}
	return judgements
}

// decide returns the verdict that the server would choose, or the zero value if there is
// none.
func (s *session) decide(o ctim.Observable, matches []match) ctim.Verdict {
	verdict, _ := ctim.Decide(o, judge(matches), s.now)
	return verdict
}

// Observe implements relay.Observer.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	matches, err := s.find(ctx, o)
	var found ctim.Bundle
	for _, m := range matches {
		m.addTo(&found)
	}
	return found, err
}

// Refer implements relay.Referrer: the pages of the sources that list the
// observable, then search pages.
func (s *session) Refer(ctx context.Context, o ctim.Observable) ([]relay.Link, error) {
	normal, err := normalize.Observable(o)
	if err != nil {
		return nil, nil // nothing to search for
	}
	matches, err := s.find(ctx, o)
	var links []relay.Link
	for _, m := range matches {
		links = appendSource(links, m)
	}
	return append(links, searchLinks(s.provider.settings.Search, normal)...), err
}

// find looks up an observable. A value that is invalid for its type is never listed.
func (s *session) find(ctx context.Context, o ctim.Observable) ([]match, error) {
	normal, err := normalize.Observable(o)
	if err != nil {
		return nil, nil
	}
	var found map[ctim.Observable][]entry.Entry
	if s.together != nil {
		found, err = s.together()
	}
	entries, ok := found[normal]
	if err == nil && !ok || errors.Is(err, entry.ErrDamaged) { // a damaged entry must not hide the others
		entries, err = entry.Lookup(ctx, s.store, normal)
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return s.matching(o, normal, entries), nil
}

// matching returns a match for each of the entries that counts now.
func (s *session) matching(o, normal ctim.Observable, entries []entry.Entry) []match {
	var matches []match
	for _, e := range entries {
		if e.IsValid(s.now) && s.askedAll(e.With) {
			e.Source = e.SourceName()
			matches = append(matches, match{
				asked:   o,
				entry:   e,
				covered: e.Key() != entry.KeyOf(normal),
				valid:   validTime(e, s.now, s.provider.settings.ValidFor),
			})
		}
	}
	return matches
}

// askedAll reports whether the request contains all of the observables. A group counts
// only then.
func (s *session) askedAll(with []ctim.Observable) bool {
	return !slices.ContainsFunc(with, func(o ctim.Observable) bool {
		s.makeAsked.Do(func() { s.asked = keysOf(s.observables) })
		return !s.asked[entry.KeyOf(o)]
	})
}

// normalized normalizes the observables, and leaves out the invalid ones.
func normalized(all []ctim.Observable) []ctim.Observable {
	valid := make([]ctim.Observable, 0, len(all))
	for _, o := range all {
		if normal, err := normalize.Observable(o); err == nil {
			valid = append(valid, normal)
		}
	}
	return valid
}

// keysOf returns the keys of the valid observables and of the networks around them.
func keysOf(all []ctim.Observable) map[entry.Key]bool {
	keys := make(map[entry.Key]bool, len(all))
	for _, o := range normalized(all) {
		for i, key := range entry.LookupKeys(o) {
			if i == 0 || key.Kind == entry.KindNetwork {
				keys[key] = true
			}
		}
	}
	return keys
}
