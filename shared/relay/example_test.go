package relay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// A Provider says what it is and opens sessions.
type Provider struct{}

func (Provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            "example",
		Title:           "Example Intelligence",
		ObservableTypes: []ctim.ObservableType{ctim.TypeDomain},
		Credentials:     []relay.Credential{{Name: "key", Prompt: "Your API key"}},
		Session:         session{},
	}
}

func (Provider) Connect(_ context.Context, claims relay.Claims, _ []ctim.Observable) (relay.Session, error) {
	return session{key: claims.Get("key")}, nil
}

// A session asks the third party with one caller's credentials.
type session struct{ key string }

func (s session) Health(context.Context) error {
	if s.key != "some key" {
		return relay.Errorf(relay.CodeAuthorization, "Example Intelligence refuses the key. Check the module's settings.")
	}
	return nil
}

func (s session) Deliberate(ctx context.Context, o ctim.Observable) (ctim.Verdict, bool, error) {
	found, err := s.Observe(ctx, o)
	if len(found.Verdicts) == 0 {
		return ctim.Verdict{}, false, err // nothing is known: that's no error
	}
	return found.Verdicts[0], true, err
}

func (s session) Observe(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
	if !strings.HasSuffix(o.Value, ".evil.example") {
		return ctim.Bundle{}, nil
	}
	now := time.Now()
	judgement := ctim.Judgement{
		Base:        ctim.Base{ID: ctim.NewID("judgement", "example", o.Value), Source: "Example Intelligence"},
		Observable:  o,
		Disposition: ctim.Malicious,
		Severity:    ctim.SeverityHigh,
		Confidence:  ctim.ConfidenceMedium,
		Priority:    ctim.PriorityAutomated,
		ValidTime:   ctim.Between(now, now.AddDate(0, 0, 30)),
	}
	found := ctim.Bundle{Judgements: []ctim.Judgement{judgement}}
	if verdict, ok := ctim.Decide(o, found.Judgements, now); ok {
		found.Verdicts = []ctim.Verdict{verdict}
	}
	return found, nil
}

// keyed stands for package auth, which verifies the token that holds the key.
type keyed struct{}

func (keyed) Authenticate(r *http.Request) (relay.Claims, error) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return relay.Claims{}, errors.New("no token")
	}
	return relay.NewClaims(map[string]any{"key": key}), nil
}

// A whole provider, asked about a domain.
func Example() {
	r := relay.New(relay.Options{Provider: Provider{}, Authenticator: keyed{}})

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
