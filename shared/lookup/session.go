package lookup

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const (
	// maxSightings is how many sightings fit into Lambda's limit of 6 MB.
	maxSightings = 1500
	// sightingSize is how many bytes a sighting takes with its judgement and
	// relationships, unless it has a long text or large data.
	sightingSize = 4 << 10
)

// service is an opened Source.
type service struct {
	source   Source
	client   *upstream.Client
	settings any
	wrap     func(*Session) relay.Session
}

func (s Source) open(o relay.OpenOptions) (*service, error) {
	options, err := s.options(o.Transport)
	if err != nil {
		return nil, err
	}
	settings, err := s.readSettings()
	if err != nil {
		return nil, err
	}
	client, err := upstream.New(options)
	if err != nil {
		return nil, err
	}
	return &service{source: s, client: client, settings: settings}, nil
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
	for _, requested := range r.Observables {
		if o, ok := session.Normalize(requested); ok {
			session.call.Observables = append(session.call.Observables, o)
		}
	}
	share := max(1, maxSightings/max(1, len(r.Observables)))
	session.call.Limit = min(session.limit, share)
	session.room = share * sightingSize
	if s.wrap != nil {
		return s.wrap(session), nil
	}
	return session, nil
}

// Session handles one request to a Source: health, deliberate, observe or refer.
type Session struct {
	relay.Request
	source Source
	call   Call
	// limit is the caller's limit of sightings per observable. room is how many bytes of
	// the answer the sightings of one observable may take.
	limit, room int
}

// Call returns the session's access to the third party, for methods of an embedding
// type.
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
	f.PartOf = nil
	return judged(f).Bundle(s.Time).Judgements, err
}

// judged returns the part of a finding that its judgements need. It takes little memory.
func judged(f ctim.Finding) ctim.Finding {
	all := f.Seen
	f.Seen, f.Relations = nil, nil
	for _, seen := range all {
		if seen.Disposition != 0 {
			seen.Data, seen.Relations = ctim.Table{}, nil
			f.Seen = append(f.Seen, seen)
		}
	}
	return f
}

// Observe implements relay.Observer. It keeps the newest sightings that the answer has room
// for, and the judgement that decides the verdict.
func (s *Session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	call := s.call
	f, err := s.find(ctx, &call, o)
	if s.fitting(f.Seen) == len(f.Seen) {
		return f.Bundle(s.Time), err
	}
	found := judged(f).Bundle(s.Time)
	slices.SortStableFunc(f.Seen, func(a, b ctim.Seen) int { return b.At.Compare(a.At) })
	f.Seen = f.Seen[:s.fitting(f.Seen)]
	if err == nil && len(f.Seen) < s.limit {
		err = relay.Warningf(relay.CodeInvalidArgument,
			"The answer has room only for the newest sightings of each observable. Ask about fewer observables in one request to get more.")
	}
	if verdict, ok := ctim.Decide(o, found.Judgements, s.Time); ok {
		found.Verdicts = []ctim.Verdict{verdict}
	}
	return ctim.Merge(f.Bundle(s.Time), found.Newest(0)), err // of those found, only the deciding judgement with its indicators
}

// fitting returns how many of the first sightings the answer has room for, at least one.
func (s *Session) fitting(all []ctim.Seen) int {
	n, room := 0, s.room
	for n < min(len(all), s.call.Limit) && (n == 0 || room >= sizeOf(all[n])) {
		room -= sizeOf(all[n])
		n++
	}
	return n
}

// sizeOf estimates how many bytes of the answer a sighting takes.
func sizeOf(s ctim.Seen) int {
	size := sightingSize/2 + min(len(s.Text), ctim.LongLimit)
	for _, row := range s.Data.Rows {
		for _, cell := range row {
			size += min(len(cell), ctim.LongLimit)
		}
	}
	return max(size, sightingSize)
}

// margin is how long before the request's end the last call to the third party ends.
// The relay doesn't wait for a Find that is late, even if it has a part of the answer.
const margin = 250 * time.Millisecond

// find returns the third party's finding. It is zero if the observable can't or must
// not be looked up there.
func (s *Session) find(ctx context.Context, call *Call, requested ctim.Observable) (ctim.Finding, error) {
	o, ok := s.Normalize(requested)
	if !ok {
		return ctim.Finding{}, nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	f, err := s.source.Find(ctx, call, o)
	f.Provider, f.Source, f.Observable = s.source.Name, s.source.Title, requested
	f.Page = cmp.Or(f.Page, s.source.Page(call, o))
	if o != requested {
		f.Relations = replace(f.Relations, o, requested)
		for i := range f.Seen {
			f.Seen[i].Relations = replace(f.Seen[i].Relations, o, requested)
		}
	}
	return f, err
}

// replace replaces an observable in relations. Relations must contain the observable as
// it is in the request, or the platform doesn't connect them with it.
func replace(relations []ctim.Relation, old, requested ctim.Observable) []ctim.Relation {
	relations = slices.Clone(relations)
	for i := range relations {
		for _, end := range []*ctim.Observable{&relations[i].Source, &relations[i].Related} {
			if *end == old {
				*end = requested
			}
		}
	}
	return relations
}

// Refer implements relay.Referrer with a link to the observable's page.
func (s *Session) Refer(_ context.Context, requested ctim.Observable) ([]relay.Link, error) {
	o, ok := s.Normalize(requested)
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

// Normalize returns the observable in canonical form, as Find gets it. ok is false if
// its value is invalid, if the source doesn't support its normalized type (such as an
// IPv6 address of type ip), or if it means something only in the caller's own network.
// The latter is sent only to third parties that callers host themselves or that are
// Internal.
func (s *Session) Normalize(requested ctim.Observable) (o ctim.Observable, ok bool) {
	o, err := normalize.Observable(requested)
	return o, err == nil && s.source.supports(o.Type) && (s.source.Internal || s.call.SelfHosted() || normalize.IsPublic(o))
}
