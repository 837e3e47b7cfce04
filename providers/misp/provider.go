// Package misp connects the relay to MISP servers: it reports what a server knows
// about an observable, and adds an analyst's sightings. README.md describes how verdicts
// are derived. Its API: https://www.misp-project.org/openapi/
//
// The observables of a request are searched for in batches with
// /attributes/restSearch, which sends the matching attributes with the heads of
// their events. So the cost depends on how often a value is in MISP, and not on
// the size of its events. Observe then fetches the galaxies, links and
// vulnerabilities of the events in its response. If a batch fails, its observables
// are searched for one by one.
//
// MISP finds whole values and halves of composites, without regard to case. The
// relay compares its values in normal form (package normalize).
package misp

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const title = "MISP"

// The claims with a caller's credentials.
const hostClaim, keyClaim = "HOST", "AuthKey"

// Provider is MISP.
var Provider = newProvider()

func newProvider() relay.Provider {
	var triggers singleflight.Group
	return lookup.Source{
		Name: "misp", Title: title, Timeout: 15 * time.Second,
		Types: []ctim.ObservableType{
			ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
			ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeEmail, ctim.TypeFileName,
		},
		Credentials: []relay.Credential{
			{Name: hostClaim, Prompt: "The address of your MISP server, such as https://misp.example.com"},
			{Name: keyClaim, Prompt: "Your automation key (in MISP under My Profile, Auth keys)"},
		},
		Auth:  upstream.AddressFrom(hostClaim, upstream.Header("Authorization", keyClaim)),
		Check: check, Settings: settings{},
	}.With(func(s *lookup.Session) relay.Session { return newSession(s, &triggers) })
}

type settings struct {
	ToIDsOnly bool `envconfig:"MISP_TO_IDS_ONLY" expected:"true or false" doc:"Ignores attributes that are not marked for detection (to_ids), and names of files that have a hash."`
}

// check asks for the server's version, which needs a valid key with any permissions.
func check(ctx context.Context, call *lookup.Call) error {
	var answer struct {
		Version lenient.Text `json:"version"`
	}
	err := do(ctx, call.Caller, upstream.Request{Path: "/servers/getVersion"}, &answer)
	if err == nil && answer.Version == "" {
		err = relay.Errorf(relay.CodeServiceUnavailable,
			"The server at the address of %s reports no version, as %s does. Check the address in the module's settings.", title, title)
	}
	return err
}

// session answers one request.
type session struct {
	*lookup.Session
	// triggers are the process's triggers in progress. A repeated one waits for the first.
	triggers *singleflight.Group
	// caller identifies the key and server, without revealing them.
	caller  string
	batches map[ctim.Observable]*batch
	// limit is the caller's limit of events per observable. share is how many of them
	// the response has room for.
	limit, share int
}

// maxFindings is how many events a response has room for. Each takes about 6 KB of the
// largest response, 6 MB.
const maxFindings = 1000

// newSession returns a session. A nil one is for the declaration.
func newSession(l *lookup.Session, triggers *singleflight.Group) *session {
	s := &session{Session: l, triggers: triggers}
	if l == nil {
		return s
	}
	s.caller = ctim.NewExternalID("misp", "caller", l.Claims.Get(hostClaim), l.Claims.Get(keyClaim))
	s.limit = l.Claims.EntitiesLimit()
	s.share = min(s.limit, max(1, maxFindings/max(1, len(l.Observables))))
	s.batches = s.newBatches(l.Observables)
	return s
}

// Deliberate implements relay.Deliberator. All events decide.
func (s *session) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	found, err := s.find(ctx, o)
	if found == nil || err != nil {
		return nil, err
	}
	var judgements []ctim.Judgement
	for _, f := range newest(found.of(o), s.share) {
		judgements = append(judgements, f.judgement())
	}
	return judgements, found.warning(nil, 0)
}

// Observe implements relay.Observer. All events decide. The newest are returned.
func (s *session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	found, err := s.find(ctx, o)
	if found == nil || err != nil {
		return ctim.Bundle{}, err
	}
	findings := found.of(o)
	if len(findings) == 0 {
		return ctim.Bundle{}, nil
	}
	undescribed := found.describe(ctx)
	var all ctim.Bundle
	for _, f := range newest(findings, s.share) {
		f.addTo(&all)
	}
	return all, found.warning(undescribed, min(len(findings), s.limit)-s.share)
}
