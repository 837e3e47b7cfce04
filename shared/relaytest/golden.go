package relaytest

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest/golden"
)

var update = flag.Bool("update", false, "rewrite answer.json of the golden cases")

// Golden runs the cases in testdata. Each folder has a request.json to the relay, a
// third-party.json with the third party's requests and responses, and the expected
// answer.json. The flag -update rewrites answer.json: read the difference before you
// commit it.
func Golden(t *testing.T, p relay.Provider) {
	t.Helper()
	cases, err := golden.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(filepath.Base(c.Folder), func(t *testing.T) { runGolden(t, p, c) })
	}
}

func runGolden(t *testing.T, p relay.Provider, c golden.Case) {
	t.Helper()
	third := &recorded{t: t, exchanges: c.Exchanges, used: make([]bool, len(c.Exchanges))}
	r := Serve(t, p, third, Options{Claims: c.Request.Claims, Time: c.Request.Time})
	answer := r.Post(t.Context(), t, c.Request.Route, c.Request.Body)
	third.checkUsed()

	var got bytes.Buffer
	if err := json.Indent(&got, []byte(answer.Raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join(c.Folder, "answer.json")
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
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("answer.json (-) is not the answer (+); go test -update rewrites it\n%s", diff)
	}
}

// recorded is a stand-in with recorded responses. Other requests fail the test.
type recorded struct {
	t         *testing.T
	exchanges []golden.Exchange

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
		if e.Matches(line, sent) {
			r.used[i] = true
			e.Write(w)
			return
		}
	}
	r.t.Errorf("third-party.json has no %s with body %s", line, sent)
	w.WriteHeader(http.StatusNotImplemented)
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
