package relaytest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/relay"
)

// maxMutations is how many changed responses are tried on each route.
const maxMutations = 300

// otherTypes checks answers if one value in the third party's responses is of another
// type than documented, or missing. A number in quotes is read as one, or is an error.
func (c conformance) otherTypes(t *testing.T) {
	for _, route := range c.routes() {
		documented := c.serve(t, c.standIn).Ask(t, route, c.known)
		for change := range maxMutations {
			var changed, quoted atomic.Bool
			r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				response := httptest.NewRecorder()
				c.standIn.ServeHTTP(response, req)
				m := mutation{change: change}
				body := m.apply(response.Body.Bytes())
				if m.changed {
					changed.Store(true)
					quoted.Store(m.quoted)
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
			if quoted.Load() && a.Raw != documented.Raw && len(a.Errors) == 0 {
				t.Errorf("%s: change %d: a number in quotes changes the answer: %s", route, change, cmp.Diff(documented.Raw, a.Raw))
			}
			if !changed.Load() {
				break
			}
		}
	}
}

// mutation changes one value in a JSON text: of each value there are as many changes as
// there are others, and it may be missing, or a number in quotes.
type mutation struct {
	change          int
	changed, quoted bool
	count           int
}

// others replace a value.
var others = []any{nil, "x", json.Number("-1"), true, []any{}, map[string]any{}, []any{map[string]any{"x": 1}}}

// missing stands for a value that is left out.
type missing struct{}

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
	number, isNumber := value.(json.Number)
	i := m.change - m.count
	m.count += len(others) + 2
	m.changed = m.changed || i >= 0 && i < len(others)+2
	switch {
	case i >= 0 && i < len(others):
		return others[i]
	case i == len(others):
		return missing{}
	case i == len(others)+1 && isNumber:
		m.quoted = true
		return number.String()
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if v[name] = m.visit(v[name]); v[name] == any(missing{}) {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = m.visit(v[i])
		}
		return slices.DeleteFunc(v, func(member any) bool { return member == any(missing{}) })
	}
	return value
}
