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

// request is a golden case's request.json.
type request struct {
	// Route is the path, and Body what is posted there.
	Route string          `json:"route"`
	Body  json.RawMessage `json:"body"`
	// Time is when the request arrives.
	Time time.Time `json:"time"`
	// Claims are those of the token; by default each credential is "s3cr3t-" and
	// its name.
	Claims map[string]any `json:"claims,omitempty"`
}

// exchange is one of a golden case's third-party.json.
type exchange struct {
	// Request is the method and the URL, such as
	// "GET https://api.example.com/v1/lookup?value=192.0.2.1". A query credential
	// is part of it.
	Request string `json:"request"`
	// Sent is the body that must be sent, if given: JSON, or a form as a text.
	Sent json.RawMessage `json:"sent,omitempty"`
	// Status is 200 by default.
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	// Body is the answer: JSON as it is.
	Body json.RawMessage `json:"body"`
}

// Golden runs the cases in testdata: each folder has a request.json to the relay,
// a third-party.json with what the third party is asked and answers, and the
// answer.json that must come of it. With -update, answer.json is rewritten: read
// the difference before you commit it.
func Golden(t *testing.T, p relay.Provider) {
	t.Helper()
	folders, err := filepath.Glob("testdata/*/request.json")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases in testdata (%v)", err)
	}
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) { golden(t, p, folder) })
	}
}

func golden(t *testing.T, p relay.Provider, folder string) {
	t.Helper()
	var asked request
	read(t, filepath.Join(folder, "request.json"), &asked)
	third := &recorded{t: t}
	read(t, filepath.Join(folder, "third-party.json"), &third.exchanges)
	third.used = make([]bool, len(third.exchanges))
	r := Serve(t, p, third, Options{Claims: asked.Claims, Time: asked.Time})
	answer := r.Post(t.Context(), t, asked.Route, asked.Body)
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

// recorded is a stand-in that answers what was recorded, and fails the test if
// it is asked anything else.
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

// sameBody reports whether what was sent is what a case wants: the same JSON, or
// the same text.
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

func (r *recorded) checkUsed() {
	r.t.Helper()
	for i, used := range r.used {
		if !used {
			r.t.Errorf("third-party.json: nobody asked %s", r.exchanges[i].Request)
		}
	}
}
