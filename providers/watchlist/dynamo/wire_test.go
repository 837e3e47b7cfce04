package dynamo_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
)

// wire connects a store to DynamoDB.
type wire struct {
	// happens decides what happens to a request. If it is nil, all are sent.
	happens  func(w *wire, number int64, body string, send sender) (*http.Response, error)
	requests atomic.Int64
	dead     atomic.Bool
}

// sender sends a request. It may be called again.
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

// deadError is the error of all requests of a process that has died. They aren't
// retried.
type deadError struct{}

func (deadError) Error() string        { return "the process is dead" }
func (deadError) RetryableError() bool { return false }

// fate is something that may happen to a request.
type fate func(w *wire, send sender) (*http.Response, error)

// diesBefore lets the process die before it sends the request.
func diesBefore(w *wire, _ sender) (*http.Response, error) {
	w.dead.Store(true)
	return nil, deadError{}
}

// diesAfter lets the process die after it has sent the request.
func diesAfter(w *wire, send sender) (*http.Response, error) {
	lose(send())
	return diesBefore(w, send)
}

// sentTwice loses the response, so that the request is sent again.
func sentTwice(_ *wire, send sender) (*http.Response, error) {
	lose(send())
	return send()
}

// lose discards a response.
func lose(answer *http.Response, err error) {
	if err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// at returns a wire on which something happens to the nth request, from 1.
func at(n int64, happens fate) *wire {
	return &wire{happens: func(w *wire, number int64, _ string, send sender) (*http.Response, error) {
		if number == n {
			return happens(w, send)
		}
		return send()
	}}
}

// through opens a table through a wire. The store has only one shard, so that stores
// conflict in it.
func through(t *testing.T, table string, w *wire) *dynamo.Store {
	t.Helper()
	store := open(t, table, w)
	store.SetShard()
	return store
}
