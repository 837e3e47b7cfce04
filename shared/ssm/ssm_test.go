package ssm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/shared/ssm"
)

const key = "8f14e45fceea167a5a36dedd4bea2543"

// serve starts a Systems Manager whose answers come from handler, and sets the
// variables that lead to it.
func serve(t *testing.T, handler http.HandlerFunc) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
		"AWS_ENDPOINT_URL": "http://192.0.2.1", "AWS_ENDPOINT_URL_SSM": server.URL, "HTTP_PROXY": "", "http_proxy": "",
	} {
		t.Setenv(name, value)
	}
}

func refuse(w http.ResponseWriter, status int, problem string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"message":"Not this one."}`, problem)
}

func TestParameter(t *testing.T) {
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Name           string
			WithDecryption bool
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name != "/relay/key:2" || !in.WithDecryption {
			t.Errorf("asked for %+v, %v", in, err)
		}
		signature := r.Header.Get("Authorization")
		for _, part := range []string{"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", "/eu-west-1/ssm/aws4_request", "x-amz-target", "x-amz-security-token"} {
			if !strings.Contains(signature, part) {
				t.Errorf("the signature lacks %s: %s", part, signature)
			}
		}
		if r.Method != http.MethodPost || r.Header.Get("X-Amz-Target") != "AmazonSSM.GetParameter" || r.Header.Get("X-Amz-Security-Token") != "session" {
			t.Errorf("got %s %v", r.Method, r.Header)
		}
		fmt.Fprintf(w, `{"Parameter":{"Name":"/relay/key","Type":"SecureString","Value":%q,"Version":2}}`, key)
	})
	if got, err := ssm.Parameter(t.Context(), "/relay/key:2"); err != nil || got != key {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestParameterRetries(t *testing.T) {
	for name, tt := range map[string]struct {
		status   int
		problem  string
		requests int32
		want     string
	}{
		"not there":   {400, "ParameterNotFound", 1, "ssm: parameter /relay/key: status 400 ParameterNotFound Not this one."},
		"no right":    {400, "com.amazon.coral.service#AccessDeniedException", 1, "ssm: parameter /relay/key: status 400 AccessDeniedException Not this one."},
		"too many":    {400, "ThrottlingException", 4, "ThrottlingException"},
		"unavailable": {503, "InternalServerError", 4, "status 503 InternalServerError"},
		"no value":    {200, "", 1, "the response has no value"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				refuse(w, tt.status, tt.problem)
			})
			_, err := ssm.Parameter(t.Context(), "/relay/key")
			if err == nil || !strings.Contains(err.Error(), tt.want) || requests.Load() != tt.requests {
				t.Errorf("%d requests, got %v", requests.Load(), err)
			}
		})
	}
}

func TestParameterAfterAFailure(t *testing.T) {
	var requests atomic.Int32
	serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			panic(http.ErrAbortHandler) // closes the connection
		}
		fmt.Fprintf(w, `{"Parameter":{"Value":%q}}`, key)
	})
	if got, err := ssm.Parameter(t.Context(), "/relay/key"); err != nil || got != key {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestParameterEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	serve(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		refuse(w, 503, "InternalServerError")
	})
	if _, err := ssm.Parameter(ctx, "/relay/key"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestParameterWithoutCredentials(t *testing.T) {
	serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	if _, err := ssm.Parameter(t.Context(), "/relay/key"); err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY is not set") {
		t.Errorf("got %v", err)
	}
}
