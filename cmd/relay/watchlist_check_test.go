package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/providers/watchlist/sample"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/config"
)

// liveRelay returns a relay with the sample watchlist, and a token for it.
func liveRelay(t *testing.T) (handler http.Handler, token string) {
	t.Helper()
	store := openStore(t)
	if _, err := sample.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	settings.SecretKey = auth.NewSecretKey()
	r, err := providers.Open(settings, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if token, err = auth.Sign(settings.SecretKey, nil); err != nil {
		t.Fatal(err)
	}
	return r[0].Routes(), token
}

func TestCheck(t *testing.T) {
	c := newWatchlistCLI(t)
	handler, token := liveRelay(t)
	server := httptest.NewServer(handler)
	defer server.Close()

	out, _ := c.run(0, "check", server.URL+"/", "--jwt", "Bearer "+token, "--observable", "domain=malware.example.com")
	want(t, out, server.URL+", version 1.0.0", "/observe/observables", "p50 ")
	if !regexp.MustCompile(`\n\d{3} checks: \d{3} ok \(`).MatchString(out) {
		t.Errorf("not all is well:\n%s", out)
	}
	if strings.Contains(out, "\x1b") || strings.Contains(out, "sent") {
		t.Errorf("colours, or checks that passed, in\n%s", out)
	}
	out, _ = c.runWith(t.Context(), token+"\n", 0, "check", server.URL, "--jwt", "-", "--verbose")
	want(t, out, "  ok a forged token", "skipped CTIM", "--observable domain=evil.example", " checks: 1 skipped, ")
	t.Setenv("RELAY_JWT", token)
	out, _ = c.run(0, "check", server.URL, "--json", "--repeat", "2")
	var report check.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Count(check.Passed) < 150 || report.URL != server.URL {
		t.Errorf("%v: %s", err, out)
	}
	if strings.Contains(out, token) || strings.Contains(out, strings.Split(token, ".")[2]) {
		t.Error("the token is in the report")
	}
}

func TestCheckOfABrokenRelay(t *testing.T) {
	c := newWatchlistCLI(t)
	handler, token := liveRelay(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") == "/refer/observables" {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte("\x1b[31moh\nno " + token))
			return
		}
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	out, err := c.run(exitFailed, "check", server.URL, "--jwt", token)
	want(t, err, " checks failed")
	want(t, out, "FAILED the observables", "got       HTTP 500:", "oh no [redacted]", "because   HTTP status 500")
	if strings.ContainsAny(out, "\x1b") || strings.Contains(out, token) {
		t.Errorf("%q", out)
	}

	out, err = c.run(exitFailed, "check", server.URL, "--jwt", token, "--json")
	var report check.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		if (result.Route == "/refer/observables") != (result.Status == check.Failed) && result.Status != check.Skipped {
			t.Errorf("%+v", result)
		}
	}
	want(t, err, fmt.Sprintf("relay: %d of %d checks failed", report.Count(check.Failed), len(report.Results)))
}
