package platform_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	clientID = "client-0a1b2c3d"
	password = "p4ssw0rd-of-the-client"
	relayJWT = "eyJhbGciOiJIUzI1NiJ9.eyJrZXkiOiJzM2NyZXQifQ.c2lnbmF0dXJl"
)

// fake is a platform that behaves as documented: tokens by client credentials
// that are good for ten minutes, lists by offset and limit, 201 for what was
// made, 204 for what was removed, errors as JSON with a trace id.
type fake struct {
	mu        sync.Mutex
	tokens    map[string]time.Time // until when each is good
	instances []map[string]any
	types     []map[string]any
	// asked are the requests, as "METHOD path".
	asked []string
	// broken are answers to give instead, the first one first.
	broken []http.HandlerFunc
	// revoked says that tokens are refused although they are good.
	revoked bool
}

func newFake() *fake { return &fake{tokens: map[string]time.Time{}} }

// breaks has the next requests, but for those for tokens, answered like that.
func (f *fake) breaks(answers ...http.HandlerFunc) *fake {
	f.broken = append(f.broken, answers...)
	return f
}

// status is an answer with a status, a body and headers as "Name: value".
func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func refuse(w http.ResponseWriter, code int, word, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": word, "error_description": text, "trace_id": "t-1"})
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	next := http.HandlerFunc(f.api)
	switch {
	case r.URL.Path == "/iroh/oauth2/token":
		next = f.token
	case len(f.broken) > 0:
		next, f.broken = f.broken[0], f.broken[1:]
	}
	f.mu.Unlock()
	next(w, r)
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if r.Method != http.MethodPost || r.FormValue("grant_type") != "client_credentials" || id != clientID || secret != password {
		refuse(w, http.StatusUnauthorized, "invalid_client", "The client "+id+" with "+secret+" is unknown.")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	token := "token-number-" + strconv.Itoa(len(f.tokens)+1)
	f.tokens[token] = time.Now().Add(10 * time.Minute)
	f.revoked = false
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 600})
}

func (f *fake) api(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if f.revoked || !time.Now().Before(until) {
		refuse(w, http.StatusUnauthorized, "invalid_token", "The token "+r.Header.Get("Authorization")+" has expired.")
		return
	}
	list, path := &f.instances, "/iroh/iroh-int/module-instance"
	if strings.HasPrefix(r.URL.Path, "/iroh/iroh-int/module-type") {
		list, path = &f.types, "/iroh/iroh-int/module-type"
	}
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, path), "/")
	i := slices.IndexFunc(*list, func(m map[string]any) bool { return m["id"] == id })
	var body map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPatch {
		if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&body) != nil {
			refuse(w, http.StatusBadRequest, "bad_request", "This is not JSON.")
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		_ = json.NewEncoder(w).Encode((*list)[min(offset, len(*list)):min(offset+limit, len(*list))])
	case r.Method == http.MethodPost && id == "":
		body["id"] = fmt.Sprintf("id-%d", len(*list)+1)
		*list = append(*list, body)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(body)
	case i < 0:
		refuse(w, http.StatusNotFound, "not_found", "No "+id+".")
	case r.Method == http.MethodPatch:
		for name, value := range body {
			(*list)[i][name] = value
		}
		_ = json.NewEncoder(w).Encode((*list)[i])
	case r.Method == http.MethodDelete:
		*list = slices.Delete(*list, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	}
}

// count is how often that was asked, as "METHOD path".
func (f *fake) count(request string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, asked := range f.asked {
		if asked == request {
			n++
		}
	}
	return n
}

// forget forgets what was asked.
func (f *fake) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = nil
}

// direct hands requests to a handler without a network, so that time can be
// made up.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.handler.ServeHTTP(recorder, r)
	}()
	select {
	case <-done:
		return recorder.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
