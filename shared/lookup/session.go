package lookup

import (
	"cmp"
	"context"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// maxSightings is how many sightings one answer has room for: with all that
// belongs to one, it is some 4 KB of the 6 MB that Lambda can send.
const maxSightings = 1500

// service is an opened Source.
type service struct {
	source   Source
	client   *upstream.Client
	settings any
	wrap     func(*Session) relay.Session
}

func (s Source) open(o relay.OpenOptions) (*service, error) {
	address, timeout, own, err := s.readSettings()
	if err != nil {
		return nil, err
	}
	client, err := upstream.FromEnvironment(upstream.Options{Title: s.Title, Address: address, Timeout: timeout, Transport: o.Transport})
	if err != nil {
		return nil, err
	}
	return &service{source: s, client: client, settings: own}, nil
}

// Connect implements relay.Service.
func (s *service) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	caller, err := s.client.Caller(s.source.Auth, r.Claims)
	if err != nil {
		return nil, err
	}
	session := &Session{
		Request: r,
		source:  s.source,
		limit:   r.Claims.EntitiesLimit(),
		call:    Call{Caller: caller, Claims: r.Claims, Time: r.Time, Settings: s.settings},
	}
	session.call.Limit = min(session.limit, max(1, maxSightings/max(1, len(r.Observables))))
	if s.wrap != nil {
		return s.wrap(session), nil
	}
	return session, nil
}

// Session answers one request of a Source: health, deliberate, observe and
// refer.
type Session struct {
	relay.Request
	source Source
	call   Call
	// limit is how many sightings of one observable the caller wants.
	limit int
}

// Call returns the session's access to the third party, for added methods.
func (s *Session) Call() *Call { return &s.call }

// Health implements relay.HealthChecker.
func (s *Session) Health(ctx context.Context) (relay.Quotas, error) {
	err := s.source.Check(ctx, &s.call)
	return s.call.Quotas(), err
}

// Deliberate implements relay.Deliberator.
func (s *Session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	call := s.call
	call.Brief = true
	f, err := s.find(ctx, &call, o)
	f.Seen, f.PartOf, f.Relations = nil, nil, nil
	return f.Bundle(s.Time).Judgements, err
}

// Observe implements relay.Observer.
func (s *Session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	call := s.call
	f, err := s.find(ctx, &call, o)
	cut := len(f.Seen) > call.Limit
	if cut {
		slices.SortStableFunc(f.Seen, func(a, b ctim.Seen) int { return b.At.Compare(a.At) })
		f.Seen = f.Seen[:call.Limit]
	}
	if err == nil && cut && call.Limit < s.limit {
		err = relay.Warningf(relay.CodeInvalidArgument,
			"An answer has no room for all sightings: these are the newest %d of each observable. Ask about fewer observables in one request.", call.Limit)
	}
	return f.Bundle(s.Time), err
}

// find asks the third party, if it may be asked.
func (s *Session) find(ctx context.Context, call *Call, asked ctim.Observable) (ctim.Finding, error) {
	o, ok := s.normal(asked)
	if !ok {
		return ctim.Finding{}, nil
	}
	f, err := s.source.Find(ctx, call, o)
	f.Provider, f.Source, f.Observable = s.source.Name, s.source.Title, asked
	f.Page = cmp.Or(f.Page, s.source.Page(call, o))
	if o != asked {
		f.Relations = about(asked, o, f.Relations)
		for i := range f.Seen {
			f.Seen[i].Relations = about(asked, o, f.Seen[i].Relations)
		}
	}
	return f, err
}

// about returns relations that name the observable as it was asked, and not in
// its normal form: otherwise nothing would connect them with it.
func about(asked, normal ctim.Observable, relations []ctim.Relation) []ctim.Relation {
	relations = slices.Clone(relations)
	for i := range relations {
		for _, end := range []*ctim.Observable{&relations[i].Source, &relations[i].Related} {
			if *end == normal {
				*end = asked
			}
		}
	}
	return relations
}

// Refer implements relay.Referrer by a link to the observable's page.
func (s *Session) Refer(_ context.Context, asked ctim.Observable) ([]relay.Link, error) {
	o, ok := s.normal(asked)
	if !ok {
		return nil, nil
	}
	page := s.source.Page(&s.call, o)
	if page == "" {
		return nil, nil
	}
	return []relay.Link{{
		ID:          "ref-" + s.source.Name + "-" + string(o.Type) + "-" + o.Value,
		Title:       "Open " + s.source.Title,
		Description: "Look up this " + o.Type.Noun() + " at " + s.source.Title,
		URL:         page,
		Categories:  []string{"Search", s.source.Title},
	}}, nil
}

// normal returns the observable in its normal form. ok is false for a value that
// can't be one of its type, for one that turns out to be of a type that the source
// doesn't know, such as an IPv6 address of type ip, and for one that must not be
// sent to a third party of all callers: it means something only in the caller's
// own network.
func (s *Session) normal(asked ctim.Observable) (o ctim.Observable, ok bool) {
	o, err := normalize.Observable(asked)
	return o, err == nil && slices.Contains(s.source.Types, o.Type) && (s.call.SelfHosted() || normalize.IsPublic(o))
}
