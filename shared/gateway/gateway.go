package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

// wholeCPU is the memory, in MB, from which a function has a CPU to itself:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const wholeCPU = 1769

// Start serves the handler as a Lambda. It doesn't return. Who invokes the
// function directly, without a route in the event, asks for path.
func Start(handler http.Handler, path string) {
	if memory, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil && memory < wholeCPU {
		// Two CPUs are to be seen, but there is time for a part of one: handing
		// goroutines from thread to thread would only cost some of it.
		runtime.GOMAXPROCS(1)
	}
	lambda.Start(invoker{handler, path})
}

// invoker implements lambda.Handler. It gets the event as it came: the library
// would read it once more for nothing.
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
	return json.Marshal(answer(i.handler, request))
}

// Response is what API Gateway wants to have back, in either format.
type Response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// Serve answers one event. The error is for an event that isn't one of API
// Gateway: API Gateway itself never sees it.
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

// responseWriter keeps what a handler writes. Our handlers write JSON, so the
// body is text and goes back as it is.
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
	w.WriteHeader(http.StatusOK) // a handler that wrote nothing meant this
	headers := make(map[string]string, len(w.header))
	for name, values := range w.header {
		headers[name] = strings.Join(values, ", ")
	}
	return Response{StatusCode: w.status, Headers: headers, Body: w.body.String()}
}
