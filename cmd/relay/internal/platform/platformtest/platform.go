// Package platformtest is a stand-in for the API of Cisco XDR.
package platformtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ClientID and Password are the only API client.
const (
	ClientID = "client-0a1b2c3d"
	Password = "p4ssw0rd-of-the-client"
)

// Platform is an http.Handler with the documented responses: tokens for client
// credentials, which are valid for ten minutes, lists by offset and limit, status 201
// for what was created, 204 for what was removed, errors as JSON with a trace id. Its
// fields may be used between requests.
type Platform struct {
	// Instances and Types are the registered modules and types of modules, as
	// encoding/json decodes them.
	Instances, Types []map[string]any
	// Broken answer the next requests, except those for tokens.
	Broken []http.HandlerFunc
	// Revoked refuses all tokens until there is a new one.
	Revoked bool
	// Masked hides the Authorization headers of modules.
	Masked bool
	// Requests are all requests, as "METHOD path".
	Requests []string

	mu     sync.Mutex
	tokens map[string]time.Time // until when each is valid
}

// New returns a Platform with these modules.
func New(instances ...map[string]any) *Platform {
	return &Platform{tokens: map[string]time.Time{}, Instances: instances}
}

// Count returns how often there was a request such as "GET /path".
func (f *Platform) Count(request string) int {
	f.mu.Lock() // a request that was given up may still arrive
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.Requests {
		if r == request {
			n++
		}
	}
	return n
}

// Status returns a handler that responds with a status, a body and headers such as
// "Name: value".
func Status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// Refuse responds with an error.
func Refuse(w http.ResponseWriter, code int, word, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": word, "error_description": text, "trace_id": "t-1"})
}

// ServeHTTP implements http.Handler.
func (f *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.Requests = append(f.Requests, r.Method+" "+r.URL.Path)
	next := http.HandlerFunc(f.api)
	switch {
	case r.URL.Path == "/iroh/oauth2/token":
		next = f.token
	case len(f.Broken) > 0:
		next, f.Broken = f.Broken[0], f.Broken[1:]
	}
	f.mu.Unlock()
	next(w, r)
}

func (f *Platform) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if r.Method != http.MethodPost || r.FormValue("grant_type") != "client_credentials" || id != ClientID || secret != Password {
		Refuse(w, http.StatusUnauthorized, "invalid_client", "The client "+id+" with "+secret+" is unknown.")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	token := "token-number-" + strconv.Itoa(len(f.tokens)+1)
	f.tokens[token] = time.Now().Add(10 * time.Minute)
	f.Revoked = false
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 600})
}

// header is the Authorization header of a module.
var header = regexp.MustCompile(`"authorization-header":"[^"]*"`)

func (f *Platform) api(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if f.Revoked || !time.Now().Before(until) {
		Refuse(w, http.StatusUnauthorized, "invalid_token", "The token "+r.Header.Get("Authorization")+" has expired.")
		return
	}
	list, path := &f.Instances, "/iroh/iroh-int/module-instance"
	if strings.HasPrefix(r.URL.Path, "/iroh/iroh-int/module-type") {
		list, path = &f.Types, "/iroh/iroh-int/module-type"
	}
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, path), "/")
	i := slices.IndexFunc(*list, func(m map[string]any) bool { return m["id"] == id })
	var body map[string]any
	if r.Method == http.MethodPost || r.Method == http.MethodPatch {
		if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&body) != nil {
			Refuse(w, http.StatusBadRequest, "bad_request", "This is not JSON.")
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		page, _ := json.Marshal((*list)[min(offset, len(*list)):min(offset+limit, len(*list))])
		if f.Masked {
			page = header.ReplaceAll(page, []byte(`"authorization-header":"********"`))
		}
		_, _ = w.Write(page)
	case r.Method == http.MethodPost && id == "":
		body["id"] = fmt.Sprintf("id-%d", len(*list)+1)
		*list = append(*list, body)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(body)
	case i < 0:
		Refuse(w, http.StatusNotFound, "not_found", "No "+id+".")
	case r.Method == http.MethodPatch:
		merge((*list)[i], body)
		_ = json.NewEncoder(w).Encode((*list)[i])
	case r.Method == http.MethodDelete:
		*list = slices.Delete(*list, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	}
}

// merge merges a patch into an object. Only objects in it are merged field by field.
func merge(into, patch map[string]any) {
	for name, value := range patch {
		inner, isObject := value.(map[string]any)
		old, wasObject := into[name].(map[string]any)
		if isObject && wasObject {
			merge(old, inner)
			continue
		}
		into[name] = value
	}
}
