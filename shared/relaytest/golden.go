package relaytest

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
)

var update = flag.Bool("update", false, "rewrite answer.json of the golden cases")

// request is the request.json of a golden case.
type request struct {
	Route string          `json:"route"`
	Body  json.RawMessage `json:"body"`
	// Time is when the request arrives.
	Time time.Time `json:"time"`
	// Claims are the token's; see Options.Claims.
	Claims map[string]any `json:"claims,omitempty"`
}

// exchange is a member of the third-party.json of a golden case.
type exchange struct {
	// Request is the method and the URL, such as
	// "GET https://api.example.com/v1/lookup?value=192.0.2.1". A query credential
	// is part of it.
	Request string `json:"request"`
	// Sent is the expected body: JSON, or a form as a string. It is not checked if it is
	// missing.
	Sent json.RawMessage `json:"sent,omitempty"`
	// Status is 200 by default.
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	// Body is the JSON of the response.
	Body json.RawMessage `json:"body"`
}

// Golden runs the cases in testdata. Each folder has a request.json to the relay, a
// third-party.json with the third party's requests and responses, and the expected
// answer.json. The flag -update rewrites answer.json: read the difference before you
// commit it.
func Golden(t *testing.T, p relay.Provider) {
	t.Helper()
	files, err := filepath.Glob("testdata/*/request.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata (%v)", err)
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) { golden(t, p, folder) })
	}
}

func golden(t *testing.T, p relay.Provider, folder string) {
	t.Helper()
	var req request
	read(t, filepath.Join(folder, "request.json"), &req)
	third := &recorded{t: t}
	read(t, filepath.Join(folder, "third-party.json"), &third.exchanges)
	third.used = make([]bool, len(third.exchanges))
	r := Serve(t, p, third, Options{Claims: req.Claims, Time: req.Time})
	answer := r.Post(t.Context(), t, req.Route, req.Body)
	third.checkUsed()

	var got bytes.Buffer
	if err := json.Indent(&got, []byte(answer.Raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join(folder, "answer.json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("answer.json (-) is not the answer (+); go test -update rewrites it\n%s", diff)
	}
}

// read decodes a file of a case.
func read(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// recorded is a stand-in with recorded responses. Other requests fail the test.
type recorded struct {
	t         *testing.T
	exchanges []exchange

	mu   sync.Mutex
	used []bool
}

func (r *recorded) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	line := req.Method + " " + req.URL.String()
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, e := range r.exchanges {
		if e.Request != line || !sameBody(e.Sent, sent) {
			continue
		}
		r.used[i] = true
		w.Header().Set("Content-Type", "application/json")
		for name, value := range e.Header {
			w.Header().Set(name, value)
		}
		if e.Status != 0 {
			w.WriteHeader(e.Status)
		}
		_, _ = w.Write(e.Body)
		return
	}
	r.t.Errorf("third-party.json has no %s with body %s", line, sent)
	w.WriteHeader(http.StatusNotImplemented)
}

// sameBody reports whether a body is the expected one: equal JSON or an equal form.
func sameBody(want json.RawMessage, sent []byte) bool {
	if len(want) == 0 {
		return true
	}
	var text string
	if json.Unmarshal(want, &text) == nil {
		return text == string(sent)
	}
	var a, b any
	return json.Unmarshal(want, &a) == nil && json.Unmarshal(sent, &b) == nil && cmp.Equal(a, b)
}

// checkUsed fails the test if an exchange wasn't used.
func (r *recorded) checkUsed() {
	r.t.Helper()
	for i, used := range r.used {
		if !used {
			r.t.Errorf("third-party.json: not requested: %s", r.exchanges[i].Request)
		}
	}
}
