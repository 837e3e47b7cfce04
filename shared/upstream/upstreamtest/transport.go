// Package upstreamtest replaces third parties in tests.
package upstreamtest

import (
	"context"
	"io"
	"maps"
	"net/http"
	"sync"
)

// Transport returns a transport that calls a handler without a network, so that it
// works in a synctest bubble. As on a network, the response begins with the handler's
// first byte, a handler can't write after the client is gone, and a panic closes the
// connection.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, writer := io.Pipe()
	w := &responseWriter{header: http.Header{}, body: writer, started: make(chan struct{})}
	request := r.Clone(r.Context())
	if request.Body == nil {
		request.Body = http.NoBody
	}
	if request.Host == "" {
		request.Host = request.URL.Host
	}
	go func() {
		defer func() {
			if recover() != nil {
				w.once.Do(func() { w.closed = true; close(w.started) })
				_ = writer.CloseWithError(io.ErrUnexpectedEOF)
			}
		}()
		t.handler.ServeHTTP(w, request)
		w.start(http.StatusOK)
		_ = writer.CloseWithError(r.Context().Err()) // nil is the body's end; a client that is gone reads no end
	}()
	select {
	case <-w.started:
	case <-r.Context().Done():
		_ = body.Close()
		return nil, r.Context().Err()
	}
	if w.closed {
		return nil, io.ErrUnexpectedEOF
	}
	context.AfterFunc(r.Context(), func() { _ = body.CloseWithError(r.Context().Err()) })
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// responseWriter sends what a handler writes to the client.
type responseWriter struct {
	header http.Header
	body   *io.PipeWriter

	once    sync.Once
	started chan struct{} // closed when status and sent are set
	status  int
	sent    http.Header
	closed  bool
}

func (w *responseWriter) Header() http.Header { return w.header }

func (w *responseWriter) WriteHeader(status int) { w.start(status) }

func (w *responseWriter) Write(p []byte) (int, error) {
	w.start(http.StatusOK)
	return w.body.Write(p)
}

// Flush implements http.Flusher. Writes are not buffered.
func (w *responseWriter) Flush() { w.start(http.StatusOK) }

func (w *responseWriter) start(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, maps.Clone(w.header)
		close(w.started)
	})
}
