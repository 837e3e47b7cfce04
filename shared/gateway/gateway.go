package gateway

import (
	"context"
	"encoding/json"
	"fmt"
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
	lambda.Start(invoker{handler, path})
}

// invoker implements lambda.Handler. It gets the raw event, because the library
// would decode it a second time.
type invoker struct {
	handler http.Handler
	path    string
}

// Invoke implements lambda.Handler.
func (i invoker) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	request, err := newRequest(ctx, event, i.path)
	if err != nil {
		return nil, err
	}
	return answer(i.handler, request).json()
}

// Response is the response to API Gateway, the same in both formats.
type Response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// json encodes the response. encoding/json would go through the body twice and copy it
// several times.
func (r Response) json() ([]byte, error) {
	headers, err := json.Marshal(r.Headers)
	if err != nil {
		return nil, fmt.Errorf("gateway: response: %w", err)
	}
	out := make([]byte, 0, len(r.Body)+strings.Count(r.Body, `"`)+strings.Count(r.Body, `\`)+len(headers)+100)
	out = strconv.AppendInt(append(out, `{"statusCode":`...), int64(r.StatusCode), 10)
	out = append(append(append(out, `,"headers":`...), headers...), `,"body":`...)
	out = appendString(out, r.Body)
	return append(strconv.AppendBool(append(out, `,"isBase64Encoded":`...), r.IsBase64Encoded), '}'), nil
}

// appendString appends a JSON string. A body is JSON on one line, in which only quotes
// and backslashes need to be escaped.
func appendString(dst []byte, s string) []byte {
	if strings.ContainsFunc(s, needsMore) {
		encoded, _ := json.Marshal(s) // a string can't fail
		return append(dst, encoded...)
	}
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(append(dst, s[start:i]...), '\\')
			start = i
		}
	}
	return append(append(dst, s[start:]...), '"')
}

// needsMore reports whether JSON has another escape for r, or r stands for bytes that
// are not UTF-8.
func needsMore(r rune) bool { return r < ' ' || r == utf8.RuneError }

// Serve handles one event. The error means that the event isn't one of API
// Gateway, which therefore never sees it.
func Serve(ctx context.Context, handler http.Handler, event []byte) (Response, error) {
	request, err := newRequest(ctx, event, "")
	if err != nil {
		return Response{}, err
	}
	return answer(handler, request), nil
}

func answer(handler http.Handler, request *http.Request) Response {
	w := &responseWriter{header: http.Header{}}
	handler.ServeHTTP(w, request)
	return w.response()
}

// responseWriter records a handler's response. The relay's handlers write JSON,
// so the body is text and needs no base64.
type responseWriter struct {
	status int
	header http.Header
	body   strings.Builder
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
	return w.body.Write(p)
}

func (w *responseWriter) response() Response {
	w.WriteHeader(http.StatusOK) // has no effect if the handler wrote a status
	headers := make(map[string]string, len(w.header))
	for name, values := range w.header {
		headers[name] = strings.Join(values, ", ")
	}
	return Response{StatusCode: w.status, Headers: headers, Body: w.body.String()}
}
