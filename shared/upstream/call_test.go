package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// Calls contain the request's id besides any credential. Signatures don't cover it, and
// the token endpoint doesn't get it.
func TestRequestID(t *testing.T) {
	for name, auth := range map[string]upstream.Auth{
		"header": upstream.Header("Key", "key"),
		"signer": upstream.Signer(func(r *http.Request, _ []byte, _ relay.Claims) error {
			if r.Header.Get("X-Request-Id") != "" {
				return errors.New("the id is signed")
			}
			return nil
		}),
		"OAuth2": upstream.OAuth2("https://login.example.com/token", "key", "key"),
	} {
		for from, tt := range map[string]struct {
			ctx  context.Context
			want string
		}{
			"API Gateway": {logging.WithRequestID(t.Context(), "own", "JKJaXmPLvHcESHA="), "JKJaXmPLvHcESHA="},
			"serve":       {logging.WithRequestID(t.Context(), "own", ""), "own"},
			"nobody":      {t.Context(), ""},
		} {
			t.Run(name+" from "+from, func(t *testing.T) {
				client := newClient(t, upstream.Options{Address: address(t, "https://api.example.com"), Transport: upstreamtest.Transport(
					http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						got := r.Header.Get("X-Request-Id")
						if r.URL.Host == "login.example.com" {
							if got != "" {
								t.Error("the token's endpoint gets the id")
							}
							fmt.Fprint(w, `{"access_token":"a","token_type":"Bearer","expires_in":3600}`)
							return
						}
						fmt.Fprintf(w, `{"ID":%q}`, got)
					}))})
				caller, err := client.Caller(auth, relay.NewClaims(map[string]any{"key": secret}))
				if err != nil {
					t.Fatal(err)
				}
				var got struct{ ID string }
				if err := caller.Get(tt.ctx, "/", nil, &got); err != nil || got.ID != tt.want {
					t.Errorf("got %q, %v, want %q", got.ID, err, tt.want)
				}
			})
		}
	}
}

// Calls are counted by the service that they are for, with their time.
func TestCallsAreCountedByTitle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(200 * time.Millisecond)
			fmt.Fprint(w, `{}`)
		}, upstream.Options{})
		var calls logging.Calls
		ctx := logging.WithCalls(t.Context(), &calls)
		for _, each := range []*upstream.Caller{c, c.At("Example Archive", address(t, "https://archive.example.com"))} {
			if err := each.Get(ctx, "/", nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]any{
			"Example":         map[string]any{"count": int64(1), "ms": 200.0},
			"Example Archive": map[string]any{"count": int64(1), "ms": 200.0},
		}
		if diff := cmp.Diff(want, logged(t, &calls)); diff != "" {
			t.Error(diff)
		}
	})
}

// A call that didn't end before the deadline counts until then.
func TestCallsInProgressAreTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		c := callerOf(t, func(http.ResponseWriter, *http.Request) { <-ended }, upstream.Options{})
		var calls logging.Calls
		ctx, cancel := context.WithTimeout(logging.WithCalls(t.Context(), &calls), 3*time.Second)
		defer cancel()
		if err := c.Get(ctx, "/", nil, nil); err == nil {
			t.Error("there is no error")
		}
		if n, took := calls.Total(); n != 1 || took != 3*time.Second {
			t.Errorf("got %d calls in %v", n, took)
		}
		close(ended)
		synctest.Wait()
	})
}

// logged returns the calls as the log shows them.
func logged(t *testing.T, calls *logging.Calls) map[string]any {
	t.Helper()
	out := zapcore.NewMapObjectEncoder()
	if err := calls.MarshalLogObject(out); err != nil {
		t.Fatal(err)
	}
	return out.Fields
}
