package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// service opens sessions with the caller's key.
type service struct{}

func (service) Connect(_ context.Context, r relay.Request) (relay.Session, error) {
	return session{r}, nil
}

// session handles one request.
type session struct{ relay.Request }

func (s session) Health(context.Context) (relay.Quotas, error) {
	if s.Claims.Get("key") != "some key" {
		return nil, relay.Errorf(relay.CodeAuthorization, "Example Intelligence refuses the key. Check the module's settings.")
	}
	return nil, nil
}

func (s session) Deliberate(_ context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	if !strings.HasSuffix(o.Value, ".evil.example") {
		return nil, nil // unknown, which is not an error
	}
	return []ctim.Judgement{{
		Base:        ctim.Base{ID: ctim.NewID("judgement", "example", o.Value), Source: "Example Intelligence"},
		Observable:  o,
		Disposition: ctim.Malicious,
		Severity:    ctim.SeverityHigh,
		Confidence:  ctim.ConfidenceMedium,
		Priority:    ctim.PriorityAutomated,
		ValidTime:   ctim.Between(s.Time, s.Time.AddDate(0, 0, 30)),
	}}, nil
}

func (s session) Observe(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
	judgements, err := s.Deliberate(ctx, o)
	return ctim.Bundle{Judgements: judgements}, err
}

// keyed replaces package auth, which verifies a token that contains the key.
type keyed struct{}

func (keyed) Authenticate(r *http.Request) (relay.Claims, error) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return relay.Claims{}, errors.New("no token")
	}
	return relay.NewClaims(map[string]any{"key": key}), nil
}

// A relay that looks up a domain.
func Example() {
	r := server.New(server.Options{
		Declaration:   relay.Declaration{Name: "example", ObservableTypes: []ctim.ObservableType{ctim.TypeDomain}},
		Service:       service{},
		Authenticator: keyed{},
	})

	request := httptest.NewRequest(http.MethodPost, "/health", nil)
	request.Header.Set("Authorization", "Bearer some key")
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, request)
	fmt.Println(w.Body)

	for _, path := range []string{"/deliberate/observables", "/observe/observables"} {
		request = httptest.NewRequest(http.MethodPost, path, strings.NewReader(`[{"type":"domain","value":"www.evil.example"}]`))
		request.Header.Set("Authorization", "Bearer some key")
		w = httptest.NewRecorder()
		r.Routes().ServeHTTP(w, request)
		fmt.Println(path, strings.Count(w.Body.String(), `"disposition_name":"Malicious"`))
	}
	// Output:
	// {"data":{"status":"ok"}}
	// /deliberate/observables 1
	// /observe/observables 2
}
