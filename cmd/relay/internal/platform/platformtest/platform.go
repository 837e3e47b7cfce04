// Package platformtest is a platform to test against: it behaves as the API of
// Cisco XDR is documented to.
package platformtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The one API client that a Platform knows.
const (
	ClientID = "client-0a1b2c3d"
	Password = "p4ssw0rd-of-the-client"
)

// Platform is an http.Handler: tokens by client credentials that are good for
// ten minutes, lists by offset and limit, 201 for what was made, 204 for what
// was removed, errors as JSON with a trace id.
type Platform struct {
	mu        sync.Mutex
	tokens    map[string]time.Time // until when each is good
	instances []map[string]any
	types     []map[string]any
	asked     []string
	broken    []http.HandlerFunc
	revoked   bool
	masking   bool
}

// New makes a Platform without modules, but for those given. Each is as JSON
// has it.
func New(instances ...map[string]any) *Platform {
	return &Platform{tokens: map[string]time.Time{}, instances: instances}
}

// Break has the next requests answered like that, the first one first. Those
// for tokens are not meant.
func (f *Platform) Break(answers ...http.HandlerFunc) *Platform {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = append(f.broken, answers...)
	return f
}

// Revoke refuses all tokens until there is a new one.
func (f *Platform) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revoked = true
}

// Mask shows no module's authorization header from now on.
func (f *Platform) Mask() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.masking = true
}

// AddType registers a type of modules, as JSON has it.
func (f *Platform) AddType(t map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.types = append(f.types, t)
}

// Instances are the modules that are registered, as JSON has them.
func (f *Platform) Instances() []map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.instances)
}

// Types are the types of modules that are registered, as JSON has them.
func (f *Platform) Types() []map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.types)
}

// Count is how often that was asked, as "METHOD path".
func (f *Platform) Count(request string) int {
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

// Forget forgets what was asked.
func (f *Platform) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = nil
}

// Status is an answer with a status, a body and headers as "Name: value".
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

// Refuse answers with an error as the platform writes it.
func Refuse(w http.ResponseWriter, code int, word, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": word, "error_description": text, "trace_id": "t-1"})
}

// ServeHTTP implements http.Handler.
func (f *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
	f.revoked = false
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 600})
}

func (f *Platform) api(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	until := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if f.revoked || !time.Now().Before(until) {
		Refuse(w, http.StatusUnauthorized, "invalid_token", "The token "+r.Header.Get("Authorization")+" has expired.")
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
			Refuse(w, http.StatusBadRequest, "bad_request", "This is not JSON.")
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && id == "":
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		_ = json.NewEncoder(w).Encode(f.masked((*list)[min(offset, len(*list)):min(offset+limit, len(*list))]))
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

// merge puts the patch into the settings: objects field by field, all else as a
// whole.
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

// masked returns the items. If the platform masks tokens, theirs are masked.
func (f *Platform) masked(list []map[string]any) []map[string]any {
	if !f.masking {
		return list
	}
	shown := make([]map[string]any, len(list))
	for i, item := range list {
		shown[i] = maps.Clone(item)
		if settings, ok := item["settings"].(map[string]any); ok && settings["authorization-header"] != nil {
			settings = maps.Clone(settings)
			settings["authorization-header"] = "********"
			shown[i]["settings"] = settings
		}
	}
	return shown
}
