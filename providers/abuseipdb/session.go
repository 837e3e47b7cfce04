package abuseipdb

import (
	"context"
	"net/netip"
	"time"

	"github.com/serverless-relay/relay/providers/abuseipdb/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// session answers one request.
type session struct {
	client client.Client
	// limit is how many reports an observable may have: as many as the caller
	// wants, or fewer in a crowded request, about many observables. maxAge is how
	// old they may be.
	limit, maxAge int
	crowded       bool
	now           time.Time
}

var (
	_ relay.HealthChecker = (*session)(nil)
	_ relay.Deliberator   = (*session)(nil)
	_ relay.Observer      = (*session)(nil)
	_ relay.Referrer      = (*session)(nil)
)

// Health implements relay.HealthChecker: it checks an address that AbuseIPDB
// has nothing about. Of the calls that need a key this one has the highest
// daily quota, and it tells nobody anything.
func (s *session) Health(ctx context.Context) (relay.Quotas, error) {
	_, _, err := s.client.Check(ctx, netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	return nil, err
}

// Deliberate implements relay.Deliberator. The reports aren't needed for it.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	f, ok, err := s.find(ctx, o, 0)
	if !ok {
		return nil, err
	}
	return f.overall(), nil
}

// Observe implements relay.Observer.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	f, ok, err := s.find(ctx, o, s.limit)
	if !ok {
		return ctim.Bundle{}, err
	}
	found := ctim.Bundle{Judgements: f.overall()}
	for _, r := range f.check.Reports.Newest {
		f.addReport(&found, r)
	}
	if s.crowded && f.check.Reports.Left > 0 {
		warning := relay.Errorf(relay.CodeInvalidArgument, "An answer can't hold all the reports: here are the newest %d of each address. Ask about fewer observables at once.", s.limit)
		warning.Type = relay.Warning
		return found, warning
	}
	return found, nil
}

// Refer implements relay.Referrer by a link to the address's page. That needs
// no call.
func (s *session) Refer(_ context.Context, o ctim.Observable) ([]relay.Link, error) {
	a, ok := address(o)
	if !ok {
		return nil, nil
	}
	return []relay.Link{{
		ID:          "ref-abuseipdb-" + string(o.Type) + "-" + a.String(),
		Title:       "Open AbuseIPDB",
		Description: "See who reported this IP address to AbuseIPDB, and for what",
		URL:         page(a),
		Categories:  []string{"Search", title},
	}}, nil
}

// find asks AbuseIPDB about an observable. ok is false where it has nothing to
// say, and where it isn't asked.
func (s *session) find(ctx context.Context, o ctim.Observable, reports int) (f finding, ok bool, err error) {
	a, ok := address(o)
	if !ok {
		return finding{}, false, nil
	}
	check, ok, err := s.client.Check(ctx, a, reports)
	if !ok {
		return finding{}, false, err
	}
	return finding{observable: o, page: page(a), check: check, maxAge: s.maxAge, now: s.now, told: map[int]bool{}}, true, nil
}

// address is the public address that an observable is. Others mean something
// only in the caller's network, and AbuseIPDB isn't told of them.
func address(o ctim.Observable) (netip.Addr, bool) {
	a, err := netip.ParseAddr(o.Value)
	return a.Unmap(), err == nil && upstream.IsPublic(a)
}

// page is where people read about an address.
func page(a netip.Addr) string { return "https://www.abuseipdb.com/check/" + a.String() }
