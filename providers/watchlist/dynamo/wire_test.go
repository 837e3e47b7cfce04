package dynamo_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
)

// wire lies between a store and DynamoDB.
type wire struct {
	// happens is what becomes of a request; nil passes all on.
	happens  func(w *wire, number int64, body string, send sender) (*http.Response, error)
	requests atomic.Int64
	dead     atomic.Bool
}

// sender passes a request on. It may be called again.
type sender func() (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.dead.Load() {
		return nil, deadError{}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	send := func() (*http.Response, error) {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		return http.DefaultTransport.RoundTrip(r)
	}
	number := w.requests.Add(1)
	if w.happens == nil {
		return send()
	}
	return w.happens(w, number, string(body), send)
}

// deadError is what a process that has died gets for an answer. It isn't tried
// again.
type deadError struct{}

func (deadError) Error() string        { return "the process is dead" }
func (deadError) RetryableError() bool { return false }

// fate is what may happen to a request.
type fate func(w *wire, send sender) (*http.Response, error)

// diesBefore has the process die before it sends the request.
func diesBefore(w *wire, _ sender) (*http.Response, error) {
	w.dead.Store(true)
	return nil, deadError{}
}

// diesAfter has the process die when it has sent the request.
func diesAfter(w *wire, send sender) (*http.Response, error) {
	lose(send())
	return diesBefore(w, send)
}

// sentTwice loses the answer, so that the request is sent once more.
func sentTwice(_ *wire, send sender) (*http.Response, error) {
	lose(send())
	return send()
}

// lose reads an answer for nobody.
func lose(answer *http.Response, err error) {
	if err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// at is a wire on which something happens to the nth request, from 1.
func at(n int64, happens fate) *wire {
	return &wire{happens: func(w *wire, number int64, _ string, send sender) (*http.Response, error) {
		if number == n {
			return happens(w, send)
		}
		return send()
	}}
}

// through opens a table through a wire. The store has but one shard, in which it
// meets all others.
func through(t *testing.T, table string, w *wire) *dynamo.Store {
	t.Helper()
	store := open(t, table, w)
	store.SetShard()
	return store
}
