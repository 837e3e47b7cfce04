package auth

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A caller that saw an empty cache may come to fetch just after another's fetch
// has ended. It must use what that one brought.
func TestLateCallerDoesNotFetchAgain(t *testing.T) {
	fetches := 0
	cache := newKeyCache(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		fetches++
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"keys":[]}`))}, nil
	})})
	const host = "keys.example"
	seen := cache.known(host).attempts
	for range 2 {
		if err := cache.await(t.Context(), host, seen); err != nil {
			t.Fatal(err)
		}
	}
	if fetches != 1 {
		t.Errorf("the host was asked %d times", fetches)
	}
}
