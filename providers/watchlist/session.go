package watchlist

import (
	"context"
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
	// who asks, as far as the token says it.
	who string
	// asked gives the keys of all observables of the request: an entry that
	// needs several counts only when all of them were asked about. They are
	// made when the first such entry is met; most requests meet none.
	asked func() map[entry.Key]bool
}

var (
	_ relay.HealthChecker = (*session)(nil)
	_ relay.Deliberator   = (*session)(nil)
	_ relay.Observer      = (*session)(nil)
	_ relay.Referrer      = (*session)(nil)
	_ relay.Responder     = (*session)(nil)
	_ relay.Dashboard     = (*session)(nil)
)

// Health implements relay.HealthChecker by looking something up.
func (s *session) Health(ctx context.Context) (relay.Quotas, error) {
	if _, err := s.store.Get(ctx, []entry.Key{{Kind: entry.KindDomain, Value: "health.example"}}); err != nil {
		return nil, unavailable(err)
	}
	return nil, nil
}

// Deliberate implements relay.Deliberator.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	matches, err := s.find(ctx, o)
	if err != nil {
		return nil, err
	}
	return judge(matches), nil
}

func judge(matches []match) []ctim.Judgement {
	judgements := make([]ctim.Judgement, len(matches))
	for i, m := range matches {
		judgements[i] = m.judgement()
	}
	return judgements
}

// decide returns the verdict that the relay would choose, to offer the actions
// that would change it.
func (s *session) decide(o ctim.Observable, matches []match) (ctim.Verdict, bool) {
	return ctim.Decide(o, judge(matches), s.now)
}

// Observe implements relay.Observer.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	matches, err := s.find(ctx, o)
	if err != nil {
		return ctim.Bundle{}, err
	}
	var found ctim.Bundle
	for _, m := range matches {
		m.addTo(&found)
	}
	return found, nil
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

// find looks an observable up. A value that can't be one of its type is on no
// list.
func (s *session) find(ctx context.Context, o ctim.Observable) ([]match, error) {
	normal, err := normalize.Observable(o)
	if err != nil {
		return nil, nil
	}
	entries, err := entry.Lookup(ctx, s.store, normal)
	if err != nil {
		return nil, unavailable(err)
	}
	return s.matching(o, normal, entries), nil
}

// matching are those of the entries that count now.
func (s *session) matching(o, normal ctim.Observable, entries []entry.Entry) []match {
	var matches []match
	for _, e := range entries {
		if e.IsValid(s.now) && s.askedAll(e.With) {
			e.Source = e.SourceName()
			matches = append(matches, match{asked: o, own: entry.KeyOf(normal), at: e.Key(), entry: e, now: s.now, validFor: s.provider.settings.ValidFor})
		}
	}
	return matches
}

// askedAll says whether the request asks about all of these too.
func (s *session) askedAll(with []ctim.Observable) bool {
	for _, o := range with {
		if !s.asked()[entry.KeyOf(o)] {
			return false
		}
	}
	return true
}

// keysOf are the keys of those observables whose values make sense, and of the
// networks around them.
func keysOf(all []ctim.Observable) map[entry.Key]bool {
	keys := make(map[entry.Key]bool, len(all))
	for _, o := range all {
		normal, err := normalize.Observable(o)
		if err != nil {
			continue
		}
		for i, key := range entry.LookupKeys(normal) {
			if i == 0 || key.Kind == entry.KindNetwork {
				keys[key] = true
			}
		}
	}
	return keys
}
