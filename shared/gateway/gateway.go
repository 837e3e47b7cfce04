package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/lambda"
)

// wholeCPU is the memory in MB with which a function has a whole CPU:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const wholeCPU = 1769

// Start serves the handler as a Lambda and doesn't return. A direct invocation
// without a route in its event is a request for path.
func Start(handler http.Handler, path string) {
	if memory, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil && memory < wholeCPU {
		// Go sees two CPUs, but the function gets a part of one. Handing goroutines
		// from thread to thread would only cost time.
		runtime.GOMAXPROCS(1)
	}
	lambda.Start(Function{handler, path})
}

// Function is a handler as a lambda.Handler. It gets the raw event, because the library
// would decode it a second time.
type Function struct {
	Handler http.Handler
	// Path is the route of a direct invocation, whose event has none.
	Path string
}

// Invoke implements lambda.Handler. The error means that the event isn't one of API
// Gateway, which therefore never sees it.
func (f Function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	request, err := newRequest(ctx, event, f.Path)
	if err != nil {
		return nil, err
	}
	w := &responseWriter{header: http.Header{}}
	f.Handler.ServeHTTP(w, request)
	return w.json(), nil
}

// responseWriter records a handler's response. The relay's handlers write JSON,
// so the body is text and needs no base64.
type responseWriter struct {
	status int
	header http.Header
	body   []byte
}

// Header implements http.ResponseWriter.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body = append(w.body, p...)
	return len(p), nil
}

// json returns the response to API Gateway, the same in both formats. encoding/json
// would go through the body twice and copy it several times.
func (w *responseWriter) json() []byte {
	w.WriteHeader(http.StatusOK) // has no effect if the handler wrote a status
	out := make([]byte, 0, len(w.body)+bytes.Count(w.body, []byte{'"'})+bytes.Count(w.body, []byte{'\\'})+200)
	out = strconv.AppendInt(append(out, `{"statusCode":`...), int64(w.status), 10)
	out = append(out, `,"headers":`...)
	separator := byte('{')
	for name, values := range w.header {
		out = append(appendString(append(out, separator), []byte(name)), ':')
		out = appendString(out, []byte(strings.Join(values, ", ")))
		separator = ','
	}
	if separator == '{' {
		out = append(out, separator)
	}
	out = appendString(append(out, `},"body":`...), w.body)
	return append(out, `,"isBase64Encoded":false}`...)
}

// appendString appends a JSON string. A body is JSON on one line, in which only quotes
// and backslashes need to be escaped.
func appendString(dst, s []byte) []byte {
	out := append(dst, '"')
	isUTF8, start := utf8.Valid(s), 0
	for i, c := range s {
		switch {
		case c < ' ' || !isUTF8:
			encoded, _ := json.Marshal(string(s)) // a string can't fail
			return append(dst, encoded...)
		case c == '"' || c == '\\':
			out = append(append(out, s[start:i]...), '\\')
			start = i
		}
	}
	return append(append(out, s[start:]...), '"')
}
