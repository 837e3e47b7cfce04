// Package functions_test invokes the functions as Lambda and API Gateway do. Each function is a process that polls the
// Lambda Runtime API for events.
package functions_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/ctim/rules"
)

const (
	secretKey = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"

	// timeout is how long a process may take to poll or to answer. It doesn't measure speed: machines that run tests
	// are busy.
	timeout = 30 * time.Second
)

// route is one route of the protocol and a valid body.
type route struct {
	path string
	body string

	// open is true if no token is needed. Then the answer has no envelope.
	open bool

	// contains is a part of the answer to a valid request.
	contains string

	// list is true if the body is a list of observables, form if it is an object. If both are false, it isn't read.
	list, form bool
}

const observables = `[{"type":"domain","value":"example.com"},{"type":"ip","value":"192.0.2.1"}]`

// routes returns each function's routes by the name of its folder. contains has parts of the answers by path.
func routes(contains map[string]string) map[string][]route {
	all := map[string][]route{
		"health": {{path: "/health"}},
		"deliberate": {
			{path: "/deliberate/observables", body: observables, list: true},
		},
		"observe": {
			{path: "/observe/observables", body: observables, list: true},
		},
		"refer": {
			{path: "/refer/observables", body: observables, list: true},
		},
		"respond": {
			{path: "/respond/observables", body: observables, list: true},
			{
				path: "/respond/trigger",
				body: `{"action-id":"none","observable_type":"domain","observable_value":"example.com"}`,
				form: true,
			},
		},
		"tiles": {
			{path: "/tiles"},
			{path: "/tiles/tile", body: `{"tile_id":"none"}`, form: true},
			{path: "/tiles/tile-data", body: `{"tile_id":"none","period":"last_hour"}`, form: true},
		},
		"version": {{path: "/version", open: true}},
	}
	for _, routes := range all {
		for i := range routes {
			routes[i].contains = contains[routes[i].path]
		}
	}
	return all
}

// request is what a client sends through API Gateway.
type request struct {
	path   string
	stage  string // "" is the default stage of an HTTP API, which is not in the path
	header string // the header with the token; "" is none
	token  string
	body   string
	base64 bool
}

// httpAPI returns the event of an HTTP API, payload format version 2.0.
func (r request) httpAPI() map[string]any {
	stage, path := "$default", r.path
	if r.stage != "" {
		stage, path = r.stage, "/"+r.stage+r.path
	}
	return map[string]any{
		"version":        "2.0",
		"routeKey":       "POST " + strings.TrimSuffix(r.path, "/"),
		"rawPath":        path,
		"rawQueryString": "",
		"headers":        r.headers(),
		"requestContext": map[string]any{
			"accountId":    "123456789012",
			"apiId":        "a1b2c3d4e5",
			"domainName":   "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
			"domainPrefix": "a1b2c3d4e5",
			"http": map[string]any{
				"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "test",
			},
			"requestId": "JKJaXmPLvHcESHA=",
			"routeKey":  "POST " + strings.TrimSuffix(r.path, "/"),
			"stage":     stage,
			"time":      "10/Mar/2026:05:16:23 +0000",
			"timeEpoch": 1773119783390,
		},
		"body":            r.encodedBody(),
		"isBase64Encoded": r.base64,
	}
}

// restAPI returns the event of a REST API, payload format version 1.0. Its stage is only in the context's path.
func (r request) restAPI() map[string]any {
	stage := r.stage
	if stage == "" {
		stage = "prod"
	}
	lists := map[string][]string{}
	for name, value := range r.headers() {
		lists[name] = []string{value}
	}
	return map[string]any{
		"resource":                        "/{proxy+}",
		"path":                            r.path,
		"httpMethod":                      "POST",
		"headers":                         r.headers(),
		"multiValueHeaders":               lists,
		"queryStringParameters":           nil,
		"multiValueQueryStringParameters": nil,
		"pathParameters":                  map[string]any{"proxy": strings.Trim(r.path, "/")},
		"stageVariables":                  nil,
		"requestContext": map[string]any{
			"accountId":    "123456789012",
			"apiId":        "f6g7h8i9j0",
			"domainName":   "f6g7h8i9j0.execute-api.us-east-1.amazonaws.com",
			"domainPrefix": "f6g7h8i9j0",
			"httpMethod":   "POST",
			"identity":     map[string]any{"sourceIp": "192.0.2.7", "userAgent": "test"},
			"path":         "/" + stage + r.path,
			"protocol":     "HTTP/1.1",
			"requestId":    "0b8d5a9e-6a3c-4b1e-9d53-6f1c6ad0f3b1",
			"resourcePath": "/{proxy+}",
			"stage":        stage,
		},
		"body":            r.encodedBody(),
		"isBase64Encoded": r.base64,
	}
}

func (r request) headers() map[string]string {
	headers := map[string]string{
		"host":              "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
		"x-forwarded-proto": "https",
		"content-type":      "application/json",
	}
	if r.header != "" {
		headers[r.header] = "Bearer " + r.token
	}
	return headers
}

// encodedBody returns nil if there is no body, like API Gateway.
func (r request) encodedBody() any {
	switch {
	case r.body == "":
		return nil
	case r.base64:
		return base64.StdEncoding.EncodeToString([]byte(r.body))
	default:
		return r.body
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()

	mains, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, main := range mains {
		folders = append(folders, filepath.Dir(main))
	}
	byFunction := routes(nil)
	names := slices.Sorted(maps.Keys(byFunction))
	if diff := cmp.Diff(names, folders); diff != "" {
		t.Fatalf("the folders are not the functions (-want +got):\n%s", diff)
	}

	binaries := binaries(t, names)
	for _, e := range environments(t) {
		t.Run(e.provider, func(t *testing.T) { e.test(t, binaries) })
	}
}

// test tests every route of every function.
func (e environment) test(t *testing.T, binaries map[string]string) {
	token, err := auth.Sign(secretKey, e.claims)
	if err != nil {
		t.Fatal(err)
	}
	for name, routes := range routes(e.contains) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			process := start(t, binaries[name], slices.Concat(e.settings, []string{"SECRET_KEY=" + secretKey, "RELAY_PROVIDER=" + e.provider})...)
			for _, route := range routes {
				t.Run(strings.TrimPrefix(route.path, "/"), func(t *testing.T) { ask(t, process, route, token) })
			}
			t.Run("direct invocation", func(t *testing.T) {
				first := routes[0]
				plain := request{header: "authorization", token: token, body: first.body}
				body := process.invoke(t, map[string]any{"headers": plain.headers(), "body": first.body}).json(t)
				if !strings.Contains(string(body), first.contains) || strings.Contains(string(body), "authorization error") {
					t.Errorf("the answer is not that of %s: %s", first.path, body)
				}
			})
		})
	}
}

// ask sends a route's request in each form of API Gateway, and then requests that must be refused. A process handles
// one event at a time, so these are not parallel.
func ask(t *testing.T, process *process, route route, token string) {
	plain := request{path: route.path, header: "authorization", token: token, body: route.body}
	with := func(change func(*request)) request {
		changed := plain
		change(&changed)
		return changed
	}
	slash := with(func(r *request) { r.path += "/" })
	stage := with(func(r *request) { r.stage = "dev" })
	mixed := with(func(r *request) { r.header = "Authorization" })
	upper := with(func(r *request) { r.header = "AUTHORIZATION" })
	encoded := with(func(r *request) { r.base64 = true })
	everything := with(func(r *request) { r.path, r.stage, r.header, r.base64 = r.path+"/", "dev", "Authorization", true })

	accepted := []struct {
		name  string
		event map[string]any
	}{
		{"HTTP API", plain.httpAPI()},
		{"HTTP API, slash at the end", slash.httpAPI()},
		{"HTTP API, stage in the path", stage.httpAPI()},
		{"HTTP API, mixed-case header", mixed.httpAPI()},
		{"HTTP API, upper-case header", upper.httpAPI()},
		{"HTTP API, base64 body", encoded.httpAPI()},
		{"HTTP API, all of it", everything.httpAPI()},
		{"REST API", mixed.restAPI()},
		{"REST API, slash at the end", slash.restAPI()},
		{"REST API, stage dev", stage.restAPI()},
		{"REST API, base64 body", encoded.restAPI()},
		{"REST API, all of it", everything.restAPI()},
	}
	var first string
	for _, test := range accepted {
		t.Run(test.name, func(t *testing.T) {
			answer := process.invoke(t, test.event)
			body := answer.json(t)
			if route.open {
				wantVersion(t, body)
			} else {
				for _, e := range envelope(t, route.path, body) {
					if e.Code == "authorization error" || strings.HasPrefix(e.Message, "Invalid JSON payload received.") {
						t.Errorf("the request is refused: %+v", e)
					}
				}
			}
			if !strings.Contains(string(body), route.contains) {
				t.Errorf("the answer does not contain %s: %s", route.contains, body)
			}
			// The answer must not depend on the form of the request.
			if first == "" {
				first = string(body)
			}
			if diff := cmp.Diff(first, string(body)); diff != "" {
				t.Errorf("the answer differs from that to the first form (-first +got):\n%s", diff)
			}
		})
	}

	if route.open {
		t.Run("no token", func(t *testing.T) {
			open := with(func(r *request) { r.header = "" })
			wantVersion(t, process.invoke(t, open.httpAPI()).json(t))
		})
		return
	}

	forged := with(func(r *request) { r.token = r.token[:strings.LastIndex(r.token, ".")+1] + strings.Repeat("A", 43) })
	refused := []struct {
		name    string
		request request
		want    failure
	}{
		{
			name:    "no token",
			request: with(func(r *request) { r.header = "" }),
			want:    failure{"fatal", "authorization error", "Authorization failed: Authorization header is missing"},
		},
		{
			name:    "not a token",
			request: with(func(r *request) { r.token = "abc" }),
			want:    failure{"fatal", "authorization error", "Authorization failed: Wrong JWT structure"},
		},
		{
			name:    "invalid signature",
			request: forged,
			want: failure{
				"fatal", "authorization error", "Authorization failed: Failed to decode JWT with provided key",
			},
		},
	}
	switch missing := `["Missing data for required field."]`; {
	case route.list:
		refused = append(refused, struct {
			name    string
			request request
			want    failure
		}{
			name:    "field missing",
			request: with(func(r *request) { r.body = `[{"type":"domain"}]` }),
			want: failure{
				"fatal", "invalid argument", `Invalid JSON payload received. {"0": {"value": ` + missing + `}}.`,
			},
		})
	case route.form:
		refused = append(refused, struct {
			name    string
			request request
			want    failure
		}{
			name:    "not JSON",
			request: with(func(r *request) { r.body = `{"` }),
			want:    failure{"fatal", "invalid argument", ""},
		})
	}
	for _, test := range refused {
		for kind, event := range map[string]map[string]any{
			"HTTP API": test.request.httpAPI(), "REST API": test.request.restAPI(),
		} {
			t.Run(kind+", "+test.name, func(t *testing.T) {
				got := envelope(t, route.path, process.invoke(t, event).json(t))
				if test.want.Message == "" && len(got) == 1 {
					got[0].Message = ""
				}
				if diff := cmp.Diff([]failure{test.want}, got); diff != "" {
					t.Errorf("errors (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestFunctionWithoutKey(t *testing.T) {
	t.Parallel()
	token, err := auth.Sign(secretKey, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	process := start(t, binaries(t, []string{"health"})["health"])
	event := request{path: "/health", header: "authorization", token: token}.httpAPI()
	want := []failure{{"fatal", "authorization error", "Authorization failed: <SECRET_KEY> is missing"}}
	if diff := cmp.Diff(want, envelope(t, "/health", process.invoke(t, event).json(t))); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

// A function reads the keys that are in Systems Manager once, when it starts.
func TestFunctionWithKeysInSystemsManager(t *testing.T) {
	t.Parallel()
	const previous = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210"
	var requests atomic.Int32
	manager := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		var in struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		value, ok := map[string]string{"/relay/key:2": secretKey, "/relay/key:1": previous}[in.Name]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"ParameterNotFound"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]string{"Value": value}})
	}))
	t.Cleanup(manager.Close)
	binary := binaries(t, []string{"health"})["health"]
	access := []string{"AWS_ENDPOINT_URL_SSM=" + manager.URL, "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any"}

	running := start(t, binary, append(access, "SECRET_KEY_PARAMETER=/relay/key:2", "SECRET_KEY_PREVIOUS_PARAMETER=/relay/key:1")...)
	for key, accepted := range map[string]bool{secretKey: true, previous: true, previous + "x": false} {
		token, err := auth.Sign(key, map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		body := running.invoke(t, request{path: "/health", header: "authorization", token: token}.httpAPI()).json(t)
		if strings.Contains(string(body), "authorization error") == accepted {
			t.Errorf("accepted %v: %s", accepted, body)
		}
	}
	if requests.Load() != 2 {
		t.Errorf("%d requests for two keys", requests.Load())
	}

	failing := exec.CommandContext(t.Context(), binary)
	failing.Env = append(access, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "AWS_REGION=us-east-1", "SECRET_KEY_PARAMETER=/relay/none")
	output, err := failing.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "setting SECRET_KEY_PARAMETER: ssm: parameter /relay/none: status 400 ParameterNotFound") {
		t.Errorf("ended with %v and wrote %s", err, output)
	}
}

// failure is one of the envelope's errors.
type failure struct{ Type, Code, Message string }

// envelope checks that a body is a valid answer of the route at path, and returns its errors.
func envelope(t *testing.T, path string, body []byte) []failure {
	t.Helper()
	for _, p := range rules.Answer(path, body) {
		t.Errorf("%s: %s", path, p)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatalf("the body is not a JSON object: %v\n%s", err, body)
	}
	for name := range fields {
		if name != "data" && name != "errors" {
			t.Errorf("the envelope has a field %q: %s", name, body)
		}
	}
	if len(fields) == 0 {
		t.Errorf("the envelope is empty")
	}
	var errors []failure
	if raw, ok := fields["errors"]; ok {
		if err := json.Unmarshal(raw, &errors); err != nil {
			t.Fatalf("errors: %v\n%s", err, body)
		}
	}
	for _, e := range errors {
		if e.Type == "" || e.Code == "" || e.Message == "" {
			t.Errorf("an error without type, code or message: %s", body)
		}
	}
	return errors
}

func wantVersion(t *testing.T, body []byte) {
	t.Helper()
	var fields map[string]string
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatalf("the body is not an object of strings: %v\n%s", err, body)
	}
	if len(fields) != 1 || fields["version"] == "" {
		t.Errorf("the body is %s, want only a version", body)
	}
}

// gatewayResponse is a function's response to API Gateway, in either payload format.
type gatewayResponse struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// json checks that the response has status 200 and a body of JSON, and returns the body.
func (r gatewayResponse) json(t *testing.T) []byte {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d, want 200: %s", r.StatusCode, r.Body)
	}
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	for name, values := range r.MultiValueHeaders {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if media, _, err := mime.ParseMediaType(header.Get("Content-Type")); err != nil || media != "application/json" {
		t.Errorf("content type %q, want application/json", header.Get("Content-Type"))
	}
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			t.Fatalf("the body is not base64: %v", err)
		}
	}
	if !json.Valid(body) {
		t.Fatalf("the body is not JSON: %s", body)
	}
	return body
}

// binaries returns the paths of functions' binaries by name. The environment variable RELAY_FUNCTIONS names a folder
// that contains them as <name>/bootstrap. Without it they are built for this machine, with the flags for Lambda.
func binaries(t *testing.T, names []string) map[string]string {
	t.Helper()
	paths := map[string]string{}
	if folder := os.Getenv("RELAY_FUNCTIONS"); folder != "" {
		for _, name := range names {
			paths[name] = filepath.Join(folder, name, "bootstrap")
		}
		return paths
	}
	folder := t.TempDir()
	args := []string{
		"build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w",
		"-o", folder + string(filepath.Separator),
	}
	for _, name := range names {
		args = append(args, "./"+name)
		paths[name] = filepath.Join(folder, name)
	}
	build := exec.CommandContext(t.Context(), "go", args...)
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return paths
}

// process is a running function and the Lambda Runtime API that it polls.
type process struct {
	events  chan event
	answers chan answer
	ended   chan struct{} // closed when the process has ended
	sent    int
}

// event is an event that the Runtime API sends to a function.
type event struct {
	id      string
	payload []byte
}

// answer is a function's answer to the Runtime API: the endpoint and the body.
type answer struct {
	id, kind string
	body     []byte
}

// start runs a binary until the test ends. Its environment has only the settings.
func start(t *testing.T, binary string, settings ...string) *process {
	t.Helper()
	p := &process{events: make(chan event), answers: make(chan answer, 1), ended: make(chan struct{})}
	server := httptest.NewServer(p.runtimeAPI())
	t.Cleanup(server.Close)

	ctx, kill := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, binary)
	command.Dir = t.TempDir()
	command.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + server.Listener.Addr().String(),
		"AWS_LAMBDA_FUNCTION_NAME=serverless-relay-test-" + filepath.Base(filepath.Dir(binary)),
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_REGION=us-east-1",
		"LOG_LEVEL=info",
	}, settings...)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		kill()
		t.Fatal(err)
	}
	var end error
	go func() {
		end = command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		kill()
		<-p.ended
		if t.Failed() {
			t.Logf("the function (%v) wrote:\n%s", end, &log)
		}
	})
	return p
}

// runtimeAPI serves the endpoints of the Lambda Runtime API, version 2018-06-01.
func (p *process) runtimeAPI() http.Handler {
	const prefix = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case event := <-p.events:
			header := w.Header()
			header.Set("Content-Type", "application/json")
			header.Set("Lambda-Runtime-Aws-Request-Id", event.id)
			header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(timeout).UnixMilli(), 10))
			header.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:test")
			header.Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
			_, _ = w.Write(event.payload) // if it fails, no answer comes
		case <-r.Context().Done():
		}
	})
	receive := func(kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			select {
			case p.answers <- answer{id: r.PathValue("id"), kind: kind, body: body}:
				w.WriteHeader(http.StatusAccepted)
			case <-r.Context().Done():
			}
		}
	}
	mux.HandleFunc("POST "+prefix+"invocation/{id}/response", receive("response"))
	mux.HandleFunc("POST "+prefix+"invocation/{id}/error", receive("invocation error"))
	mux.HandleFunc("POST "+prefix+"init/error", receive("init error"))
	return mux
}

// invoke sends an event to the function and returns its response. The test fails if the function ends, fails or
// doesn't respond.
func (p *process) invoke(t *testing.T, content map[string]any) gatewayResponse {
	t.Helper()
	payload, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()

	p.sent++
	id := strconv.Itoa(p.sent)
	select {
	case p.events <- event{id, payload}:
	case got := <-p.answers:
		t.Fatalf("%s before an event: %s", got.kind, got.body)
	case <-p.ended:
		t.Fatal("the function ended before it took the event")
	case <-ctx.Done():
		t.Fatalf("the function did not poll: %v", ctx.Err())
	}

	select {
	case got := <-p.answers:
		if got.kind != "response" || got.id != id {
			t.Fatalf("%s to event %q, want a response to %q: %s", got.kind, got.id, id, got.body)
		}
		var response gatewayResponse
		if err := json.Unmarshal(got.body, &response); err != nil {
			t.Fatalf("the response is not valid for API Gateway: %v\n%s", err, got.body)
		}
		return response
	case <-p.ended:
		t.Fatal("the function ended before it answered")
	case <-ctx.Done():
		t.Fatalf("the function did not answer: %v", ctx.Err())
	}
	panic("unreachable")
}
