// Package upstreamtest stands in for third parties in tests.
package upstreamtest

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport answers requests by a handler, without a network, so that it works
// in a synctest bubble. As on a network, a handler that takes too long is left
// behind when the request's context ends, and one that panics hangs up.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	served := make(chan *http.Response, 1)
	go func() {
		defer close(served)
		defer func() { _ = recover() }()
		w := httptest.NewRecorder()
		request := r.Clone(r.Context())
		if request.Body == nil {
			request.Body = http.NoBody
		}
		t.handler.ServeHTTP(w, request)
		served <- w.Result()
	}()
	select {
	case response, ok := <-served:
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		response.Request = r
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
