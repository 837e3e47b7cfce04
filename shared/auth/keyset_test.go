package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
)

// hosts responds without a network, so that it works in a synctest bubble.
type hosts struct {
	mu    sync.Mutex
	body  string
	err   error
	held  chan struct{} // where it is not nil, answers wait for its closing
	asked []string
}

func (h *hosts) set(body string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.body, h.err = body, err
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.asked = append(h.asked, r.URL.Host)
	body, err, held := h.body, h.err, h.held
	h.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func (h *hosts) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.asked)
}

func (h *hosts) authenticator() *auth.Authenticator {
	return auth.New(auth.Options{JWKSHosts: []string{platformUS, platformEU}, Credentials: []string{"key"}, Client: &http.Client{Transport: h}})
}

// outcome runs one request and returns its outcome in a word.
func outcome(a *auth.Authenticator, r *http.Request) string {
	_, err := a.Authenticate(r)
	switch {
	case err == nil:
		return "ok"
	case strings.Contains(err.Error(), unknownKid):
		return "unknown kid"
	case strings.Contains(err.Error(), wrongHost):
		return "host"
	case strings.Contains(err.Error(), wrongKey):
		return "signature"
	case strings.Contains(err.Error(), wrongTime):
		return "time"
	case strings.Contains(err.Error(), wrongAud):
		return wrongAud
	default:
		return err.Error()
	}
}

func TestKeysOverTime(t *testing.T) {
	one, two := keySet(rsaJWK(t, "1", firstKey(), nil)), keySet(rsaJWK(t, "2", secondKey(), nil))
	first := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	second := rs256(t, secondKey(), rs256Hash, `{"alg":"RS256","kid":"2"}`, rsPayload)
	third := rs256(t, secondKey(), rs256Hash, `{"alg":"RS256","kid":"3"}`, rsPayload)
	firstEU := rs256(t, firstKey(), rs256Hash, rsHeader, strings.Replace(rsPayload, platformUS, platformEU, 1))
	down := errors.New("connection refused")
	// otherwiseWrong has an unknown key id and one invalid claim.
	otherwiseWrong := func(member string) string {
		claims := map[string]json.RawMessage{}
		if err := errors.Join(json.Unmarshal([]byte(rsPayload), &claims), json.Unmarshal([]byte("{"+member+"}"), &claims)); err != nil {
			t.Fatal(err)
		}
		return rs256(t, secondKey(), rs256Hash, `{"alg":"RS256","kid":"junk"}`, encode(t, claims))
	}

	type step struct {
		after time.Duration // since the step before
		body  string        // the host's answer from now on; if it is empty, the same as before
		err   error
		token string
		want  string
		asked int // in all, up to now
	}
	tests := map[string][]step{
		"fetched once": {
			{body: one, token: first, want: "ok", asked: 1},
			{token: first, want: "ok", asked: 1},
			{after: 59 * time.Minute, token: first, want: "ok", asked: 1},
		},
		"each host has its own keys": {
			{body: one, token: first, want: "ok", asked: 1},
			{token: firstEU, want: "ok", asked: 2},
			{token: first, want: "ok", asked: 2},
		},
		"a new key is found immediately": {
			{body: one, token: first, want: "ok", asked: 1},
			{body: two, token: second, want: "ok", asked: 2},
			{token: first, want: "unknown kid", asked: 2},
		},
		"unknown ids refresh at most every five seconds": {
			{body: one, token: third, want: "unknown kid", asked: 1},
			{token: third, want: "unknown kid", asked: 2},
			{token: third, want: "unknown kid", asked: 2},
			{after: 5*time.Second - 1, token: second, want: "unknown kid", asked: 2},
			{token: first, want: "ok", asked: 2},
			{after: 1, body: two, token: second, want: "ok", asked: 3},
			{token: third, want: "unknown kid", asked: 3},
		},
		"tokens that are refused anyway do not refresh": {
			{body: one, token: first, want: "ok", asked: 1},
			{token: otherwiseWrong(`"aud":"https://other.example"`), want: wrongAud, asked: 1},
			{token: otherwiseWrong(`"exp":1`), want: "time", asked: 1},
			{token: otherwiseWrong(`"nbf":1e300`), want: "time", asked: 1},
			{token: otherwiseWrong(`"jwks_host":"keys.example"`), want: "host", asked: 1},
			{body: two, token: second, want: "ok", asked: 2},
		},
		"a failed refresh counts and costs nothing": {
			{body: one, token: first, want: "ok", asked: 1},
			{err: down, token: second, want: "unknown kid", asked: 2},
			{body: two, token: second, want: "unknown kid", asked: 2},
			{token: first, want: "ok", asked: 2},
			{after: 5 * time.Second, token: second, want: "ok", asked: 3},
		},
		"a refresh without a key set costs nothing": {
			{body: one, token: first, want: "ok", asked: 1},
			{body: `{"error":"busy"}`, token: second, want: "unknown kid", asked: 2},
			{token: first, want: "ok", asked: 2},
		},
		"a host that fails rests for five seconds": {
			{err: down, token: first, want: "host", asked: 1},
			{body: one, token: first, want: "host", asked: 1},
			{after: 5*time.Second - 1, token: first, want: "host", asked: 1},
			{after: 1, token: first, want: "ok", asked: 2},
			{body: two, token: second, want: "ok", asked: 3},
		},
		"another host does not rest": {
			{err: down, token: first, want: "host", asked: 1},
			{body: one, token: firstEU, want: "ok", asked: 2},
		},
		"keys are refreshed after an hour": {
			{body: one, token: first, want: "ok", asked: 1},
			{after: time.Hour, body: two, token: first, want: "unknown kid", asked: 2},
			{token: second, want: "ok", asked: 2},
			{after: time.Hour, token: second, want: "ok", asked: 3},
			{token: second, want: "ok", asked: 3},
		},
		"old keys serve while the host fails": {
			{body: one, token: first, want: "ok", asked: 1},
			{after: time.Hour, err: down, token: first, want: "ok", asked: 2},
			{after: 5*time.Second - 1, token: first, want: "ok", asked: 2},
			{after: 1, token: first, want: "ok", asked: 3},
		},
		"an empty key set withdraws all keys": {
			{body: one, token: first, want: "ok", asked: 1},
			{after: time.Hour, body: keySet(), token: first, want: "unknown kid", asked: 2},
		},
		"a forged token does not end the keys": {
			{body: one, token: rs256(t, secondKey(), rs256Hash, rsHeader, rsPayload), want: "signature", asked: 1},
			{token: first, want: "ok", asked: 1},
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &hosts{}
				authenticator := h.authenticator()
				for i, step := range steps {
					time.Sleep(step.after) // the bubble's clock advances immediately
					if step.body != "" || step.err != nil {
						h.set(step.body, step.err)
					}
					if got := outcome(authenticator, request(t, step.token)); got != step.want {
						t.Errorf("step %d: got %s, want %s", i, got, step.want)
					}
					if got := h.count(); got != step.asked {
						t.Errorf("step %d: the hosts were asked %d times, want %d", i, got, step.asked)
					}
				}
			})
		})
	}
}

func TestKeysAreFetchedOnceForAll(t *testing.T) {
	const callers = 20
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	synctest.Test(t, func(t *testing.T) {
		h := &hosts{body: body, held: make(chan struct{})}
		authenticator := h.authenticator()
		outcomes := make(chan string, callers)
		for range callers {
			r := request(t, token)
			go func() { outcomes <- outcome(authenticator, r) }()
		}
		synctest.Wait()
		if n := len(outcomes); n != 0 {
			t.Errorf("%d callers did not wait", n)
		}
		close(h.held)
		for range callers {
			if got := <-outcomes; got != "ok" {
				t.Errorf("got %s", got)
			}
		}
		if diff := cmp.Diff([]string{platformUS}, h.asked); diff != "" {
			t.Errorf("hosts asked (-want +got):\n%s", diff)
		}
	})
}

func TestKnownKeysDoNotWaitForARefresh(t *testing.T) {
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	known := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	unknown := rs256(t, firstKey(), rs256Hash, `{"alg":"RS256","kid":"9"}`, rsPayload)
	synctest.Test(t, func(t *testing.T) {
		h := &hosts{body: body}
		authenticator := h.authenticator()
		if got := outcome(authenticator, request(t, known)); got != "ok" {
			t.Fatalf("got %s", got)
		}
		h.held = make(chan struct{})
		refreshed := make(chan string, 1)
		waiting := request(t, unknown)
		go func() { refreshed <- outcome(authenticator, waiting) }()
		synctest.Wait()

		start := time.Now()
		if got := outcome(authenticator, request(t, known)); got != "ok" || time.Since(start) != 0 {
			t.Errorf("got %s after %v", got, time.Since(start))
		}
		close(h.held)
		if got := <-refreshed; got != "unknown kid" {
			t.Errorf("got %s", got)
		}
	})
}

func TestFetchTimesOut(t *testing.T) {
	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	synctest.Test(t, func(t *testing.T) {
		h := &hosts{held: make(chan struct{})}
		start := time.Now()
		_, err := h.authenticator().Authenticate(request(t, token))
		checkRefused(t, err, wrongHost)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			t.Error("the refusal looks like the end of the request's own time")
		}
	})
}

func TestRequestThatEndedDoesNotFetch(t *testing.T) {
	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	synctest.Test(t, func(t *testing.T) {
		h := &hosts{body: keySet()}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := h.authenticator().Authenticate(request(t, token).WithContext(ctx))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want that of the context", err)
		}
		if _, ok := errors.AsType[*relay.Error](err); ok {
			t.Errorf("the error %v is a refusal", err)
		}
		synctest.Wait()
		if n := h.count(); n != 0 {
			t.Errorf("the host was asked %d times", n)
		}
	})
}

// If the caller that started a fetch gives up, another that waits for it and later
// ones still get the key.
func TestCallerGivesUp(t *testing.T) {
	body := keySet(rsaJWK(t, "1", firstKey(), nil))
	token := rs256(t, firstKey(), rs256Hash, rsHeader, rsPayload)
	synctest.Test(t, func(t *testing.T) {
		h := &hosts{body: body, held: make(chan struct{})}
		authenticator := h.authenticator()

		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := request(t, token).WithContext(hurried)
		gaveUp := make(chan error, 1)
		go func() {
			_, err := authenticator.Authenticate(r)
			gaveUp <- err
		}()
		synctest.Wait()
		patient := make(chan string, 1)
		waiting := request(t, token)
		go func() { patient <- outcome(authenticator, waiting) }()

		start := time.Now()
		if err := <-gaveUp; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it gave up after %v", took)
		}
		close(h.held)
		if got := <-patient; got != "ok" {
			t.Errorf("the waiting caller got %s", got)
		}
		if got := outcome(authenticator, request(t, token)); got != "ok" || h.count() != 1 {
			t.Errorf("the next caller got %s, with %d fetches", got, h.count())
		}
	})
}

func TestTheClientsRedirectPolicyIsLeftAlone(t *testing.T) {
	client := &http.Client{}
	auth.New(auth.Options{Client: client})
	if client.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}

func BenchmarkRS256(b *testing.B) {
	h := &hosts{body: keySet(rsaJWK(b, "1", firstKey(), nil))}
	authenticator := h.authenticator()
	r := request(b, rs256(b, firstKey(), rs256Hash, rsHeader, rsPayload))
	for b.Loop() {
		if _, err := authenticator.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHS256(b *testing.B) {
	authenticator := auth.New(auth.Options{SecretKey: secret})
	r := request(b, hs256(secret, hsHeader, fmt.Sprintf(`{"key":%q}`, secret)))
	for b.Loop() {
		if _, err := authenticator.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
