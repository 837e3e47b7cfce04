package relaytest

import (
	"encoding/json"
	"fmt"
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
// It stops at the first change with an invalid answer, and names it.
func (c conformance) otherTypes(t *testing.T) {
	for _, route := range c.routes() {
		documented := c.serve(t, c.standIn).Ask(t, route, c.known)
		for change := range maxMutations {
			var last atomic.Pointer[mutation]
			r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				response := httptest.NewRecorder()
				c.standIn.ServeHTTP(response, req)
				m := &mutation{change: change}
				body := m.apply(response.Body.Bytes())
				if m.changed {
					last.Store(m)
				}
				for name, values := range response.Header() {
					w.Header()[name] = values
				}
				w.Header().Del("Content-Length")
				w.WriteHeader(response.Code)
				_, _ = w.Write(body)
			}))
			a := r.Ask(t, route, c.known)
			m := last.Load()
			if m == nil {
				break
			}
			for _, e := range a.Errors {
				if slices.Contains([]relay.Code{relay.CodeUnknown, relay.CodeInternal}, e.Code) {
					t.Errorf("%s: %s", route, a.Raw)
				}
			}
			if m.quoted && a.Raw != documented.Raw && len(a.Errors) == 0 {
				t.Errorf("%s: a number in quotes changes the answer: %s", route, cmp.Diff(documented.Raw, a.Raw))
			}
			if t.Failed() {
				t.Fatalf("%s: in the third party's response %s", route, m.what)
			}
		}
	}
}

// mutation changes one value in a JSON text: of each value there are as many changes as
// there are others, and it may be missing, or a number in quotes.
type mutation struct {
	change          int
	changed, quoted bool
	what            string // describes the change
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
	changed, err := json.Marshal(m.visit("body", value))
	if err != nil || !m.changed {
		return body
	}
	return changed
}

// visit returns the value at a path, such as "body.hits[0].id", with the change.
func (m *mutation) visit(path string, value any) any {
	number, isNumber := value.(json.Number)
	i := m.change - m.count
	m.count += len(others) + 2
	m.changed = m.changed || i >= 0 && i < len(others)+2
	switch {
	case i >= 0 && i < len(others):
		other, _ := json.Marshal(others[i])
		m.what = fmt.Sprintf("%s is %s", path, other)
		return others[i]
	case i == len(others):
		m.what = path + " is missing"
		return missing{}
	case i == len(others)+1 && isNumber:
		m.what, m.quoted = path+" is in quotes", true
		return number.String()
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if v[name] = m.visit(path+"."+name, v[name]); v[name] == any(missing{}) {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = m.visit(fmt.Sprintf("%s[%d]", path, i), v[i])
		}
		return slices.DeleteFunc(v, func(member any) bool { return member == any(missing{}) })
	}
	return value
}
