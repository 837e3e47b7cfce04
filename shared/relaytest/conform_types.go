package relaytest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

// maxMutations is how many changed responses are tried on each route.
const maxMutations = 300

// otherTypes checks answers if one value in the third party's responses is of another
// type than documented, or missing.
func (c conformance) otherTypes(t *testing.T) {
	for _, route := range c.routes() {
		for change := range maxMutations {
			var changed atomic.Bool
			r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				response := httptest.NewRecorder()
				c.standIn.ServeHTTP(response, req)
				m := mutation{change: change}
				body := m.apply(response.Body.Bytes())
				if m.changed {
					changed.Store(true)
				}
				for name, values := range response.Header() {
					w.Header()[name] = values
				}
				w.Header().Del("Content-Length")
				w.WriteHeader(response.Code)
				_, _ = w.Write(body)
			}))
			a := r.Ask(t, route, c.known)
			for _, e := range a.Errors {
				if slices.Contains([]relay.Code{relay.CodeUnknown, relay.CodeInternal}, e.Code) {
					t.Errorf("%s: change %d: %s", route, change, a.Raw)
				}
			}
			if !changed.Load() {
				break
			}
		}
	}
}

// mutation changes one value in a JSON text: of each value there are as many changes as
// there are others.
type mutation struct {
	change  int
	changed bool
	count   int
}

// others replace a value.
var others = []any{nil, "x", json.Number("-1"), true, []any{}, map[string]any{}, []any{map[string]any{"x": 1}}}

// apply returns the changed text, or the text itself if it isn't JSON or has no such
// change.
func (m *mutation) apply(body []byte) []byte {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return body
	}
	changed, err := json.Marshal(m.visit(value))
	if err != nil || !m.changed {
		return body
	}
	return changed
}

func (m *mutation) visit(value any) any {
	if i := m.change - m.count; i >= 0 && i < len(others) {
		m.changed = true
		m.count += len(others)
		return others[i]
	}
	m.count += len(others)
	switch v := value.(type) {
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			v[name] = m.visit(v[name])
		}
	case []any:
		for i := range v {
			v[i] = m.visit(v[i])
		}
	}
	return value
}
