package misp_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// server is a MISP server as far as the relay calls it: values, pages, contexts,
// warning lists and sightings are as in its manual and its code.
type server struct {
	mu     sync.Mutex
	events []map[string]any
	// warningLists are the lists that a value is on, as name/category.
	warningLists map[string][]string
	// pathOnly reads the attribute of a sighting from the path alone.
	pathOnly bool
	// asked are the requests: method, path and body.
	asked []string
	// before may answer in place of the server, and reports whether it did.
	before func(w http.ResponseWriter, r *http.Request) bool
}

const (
	host    = "https://misp.example.com"
	authKey = "s3cr3t-Aut0mationKey"
)

// newServer has the events of the files.
func newServer(t testing.TB, files ...string) *server {
	t.Helper()
	s := &server{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.add(t, raw)
	}
	return s
}

// written is a server with the events of testdata.
func written(t testing.TB) *server {
	t.Helper()
	return newServer(t, filepath.Join("testdata", "events.json"))
}

// add takes one event, a list of them, or an answer with some.
func (s *server) add(t testing.TB, raw []byte) {
	t.Helper()
	type wrapped struct {
		Event    map[string]any
		Response []struct{ Event map[string]any }
	}
	var many []wrapped
	if json.Unmarshal(raw, &many) != nil {
		var one wrapped
		if err := json.Unmarshal(raw, &one); err != nil {
			t.Fatal(err)
		}
		many = []wrapped{one}
	}
	for _, w := range many {
		if w.Event != nil {
			s.events = append(s.events, w.Event)
		}
		for _, r := range w.Response {
			s.events = append(s.events, r.Event)
		}
	}
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.before != nil && s.before(w, r) {
		return
	}
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	sent, _ := json.Marshal(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path+" "+string(sent))
	if r.Header.Get("Authorization") != authKey {
		reply(w, http.StatusForbidden, map[string]string{
			"name": "Authentication failed.", "message": "Authentication failed. Please make sure you pass the API key of an API enabled user.", "url": r.URL.Path})
		return
	}
	switch {
	case r.Method+" "+r.URL.Path == "GET /servers/getVersion":
		reply(w, http.StatusOK, map[string]any{"version": "2.5.1", "perm_sync": false, "perm_sighting": true})
	case r.Method+" "+r.URL.Path == "POST /events/restSearch":
		reply(w, http.StatusOK, map[string]any{"response": s.searchEvents(body)})
	case r.Method+" "+r.URL.Path == "POST /attributes/restSearch":
		reply(w, http.StatusOK, map[string]any{"response": map[string]any{"Attribute": s.searchAttributes(body)}})
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/sightings/add"):
		id, _ := body["id"].(string)
		reply(w, http.StatusOK, s.addSighting(strings.TrimPrefix(r.URL.Path, "/sightings/add/"), id, body))
	default:
		reply(w, http.StatusNotFound, map[string]string{"name": "Not Found", "message": "Not Found", "url": r.URL.Path})
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// searchEvents finds events by value or id, those that changed last first.
func (s *server) searchEvents(body map[string]any) []map[string]any {
	found := []map[string]any{}
	for _, event := range s.events {
		if selects(body, event, attributesOf(event)...) {
			found = append(found, map[string]any{"Event": dress(event, body)})
		}
	}
	if body["order"] == "timestamp desc" {
		slices.SortStableFunc(found, func(a, b map[string]any) int {
			return strings.Compare(stamp(b["Event"]), stamp(a["Event"]))
		})
	}
	return page(found, body)
}

// dress gives an event what the search asks for. Metadata is without attributes.
func dress(event, body map[string]any) map[string]any {
	out := maps.Clone(event)
	if body["metadata"] == true {
		delete(out, "Attribute")
		delete(out, "Object")
	}
	return out
}

// searchAttributes finds attributes by value, or by event and type.
func (s *server) searchAttributes(body map[string]any) []map[string]any {
	found := []map[string]any{}
	for _, event := range s.events {
		for _, a := range attributesOf(event) {
			if deleted, _ := a["deleted"].(bool); deleted || !selects(body, event, a) {
				continue
			}
			out := maps.Clone(a)
			delete(out, "Galaxy") // the search for attributes has only their tags
			out["event_id"], out["Event"] = event["id"], map[string]any{"id": event["id"], "uuid": event["uuid"], "info": event["info"]}
			if body["includeContext"] == true {
				head := maps.Clone(event)
				for _, key := range []string{"Attribute", "Object", "Galaxy", "Org", "RelatedEvent", "ShadowAttribute"} {
					delete(head, key)
				}
				out["Event"] = head
			}
			if body["includeSightings"] != true {
				delete(out, "Sighting")
			}
			if hits := s.warnings(a); body["includeWarninglistHits"] == true && hits != nil {
				out["warnings"] = hits
			}
			found = append(found, out)
		}
	}
	return page(found, body)
}

// warnings are the hits on warning lists of an attribute and its halves.
func (s *server) warnings(a map[string]any) []map[string]string {
	var hits []map[string]string
	for _, value := range valuesOf(a) {
		for _, list := range s.warningLists[value] {
			name, category, _ := strings.Cut(list, "/")
			hits = append(hits, map[string]string{"value": value, "match": value, "warninglist_id": "1", "warninglist_name": name, "warninglist_category": category})
		}
	}
	return hits
}

// selects applies the filters of a search to the attributes of an event.
func selects(body, event map[string]any, attributes ...map[string]any) bool {
	if ids, ok := body["eventid"].([]any); ok && !slices.ContainsFunc(ids, func(id any) bool { return fmt.Sprint(id) == fmt.Sprint(event["id"]) }) {
		return false
	}
	if body["eventid"] != nil && body["value"] == nil && body["type"] == nil {
		return true
	}
	matches := filterOf(body["value"])
	types, typed := body["type"].([]any)
	return slices.ContainsFunc(attributes, func(a map[string]any) bool {
		return slices.ContainsFunc(valuesOf(a), matches) && (!typed || slices.Contains(types, a["type"]))
	})
}

// page applies limit and page.
func page[T any](found []T, body map[string]any) []T {
	limit, _ := body["limit"].(float64)
	number, _ := body["page"].(float64)
	if limit <= 0 {
		return found
	}
	start := min(len(found), (max(1, int(number))-1)*int(limit))
	return found[start:min(len(found), start+int(limit))]
}

func stamp(event any) string {
	raw, _ := json.Marshal(event.(map[string]any)["timestamp"])
	return strings.Trim(string(raw), `"`)
}

// filterOf is what a search's value means to MISP.
func filterOf(value any) func(string) bool {
	all := func(string) bool { return true }
	switch v := value.(type) {
	case string:
		v = strings.TrimSpace(v)
		if v == "" || v == "0" {
			return all
		}
		var parts []func(string) bool
		for _, part := range regexp.MustCompile(`&&|\|\|`).Split(v, -1) {
			if rest, not := strings.CutPrefix(part, "!"); not {
				only := pattern(rest)
				parts = append(parts, func(s string) bool { return !only(s) })
			} else if part != "" {
				parts = append(parts, pattern(part))
			}
		}
		return either(parts)
	case map[string]any:
		var parts []func(string) bool
		for _, part := range v["OR"].([]any) {
			parts = append(parts, pattern(part.(string)))
		}
		return either(parts)
	default:
		return all
	}
}

func either(parts []func(string) bool) func(string) bool {
	return func(s string) bool {
		return slices.ContainsFunc(parts, func(is func(string) bool) bool { return is(s) })
	}
}

// pattern is an exact value, or one for LIKE where it has a wildcard at either
// end. Case doesn't matter in MISP's collation.
func pattern(value string) func(string) bool {
	exact := func(s string) bool { return strings.EqualFold(s, value) }
	if !strings.HasPrefix(value, "%") && !strings.HasSuffix(value, "%") {
		return exact
	}
	var b strings.Builder
	b.WriteString("(?is)^")
	for escaped, rest := false, []rune(value); len(rest) > 0; rest = rest[1:] {
		switch {
		case !escaped && rest[0] == '\\':
			escaped = true
			continue
		case !escaped && rest[0] == '%':
			b.WriteString(".*")
		case !escaped && rest[0] == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(rest[0])))
		}
		escaped = false
	}
	b.WriteString("$")
	like := regexp.MustCompile(b.String())
	return func(s string) bool { return exact(s) || like.MatchString(s) }
}

// addSighting adds a sighting to the attribute that the path or the body names.
func (s *server) addSighting(path, id string, body map[string]any) any {
	sighting := map[string]any{
		"type": body["type"], "date_sighting": body["timestamp"], "source": body["source"],
		"org_id": "1", "Organisation": map[string]any{"id": "1", "name": "Here"},
	}
	for _, event := range s.events {
		for _, a := range attributesOf(event) {
			uuid := a["uuid"]
			if uuid == nil || uuid != path && (s.pathOnly || uuid != id) {
				continue
			}
			before, _ := a["Sighting"].([]any)
			if body["type"] == "2" { // an organisation has one expiration
				before = slices.DeleteFunc(before, func(old any) bool {
					o := old.(map[string]any)
					return o["type"] == "2" && o["org_id"] == "1"
				})
			}
			a["Sighting"] = append(before, sighting)
			return map[string]any{"Sighting": sighting}
		}
	}
	return map[string]string{"message": "Could not add the Sighting. Reason: No valid attributes found that match the criteria."}
}

// attributesOf are those of an event and of its objects.
func attributesOf(event map[string]any) []map[string]any {
	out := objects(event["Attribute"])
	for _, object := range objects(event["Object"]) {
		out = append(out, objects(object["Attribute"])...)
	}
	return out
}

// objects are the objects of a list, or one that stands in its place.
func objects(v any) []map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		var out []map[string]any
		for _, one := range v {
			out = append(out, one.(map[string]any))
		}
		return out
	default:
		return nil
	}
}

// valuesOf are the two halves of a composite, or the whole value.
func valuesOf(a map[string]any) []string {
	value, _ := a["value"].(string)
	if kind, _ := a["type"].(string); strings.Contains(kind, "|") || kind == "malware-sample" {
		left, right, _ := strings.Cut(value, "|")
		return []string{left, right}
	}
	return []string{value}
}

// sightingsOf are all sightings of all attributes in the server, in words.
func (s *server) sightingsOf() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, event := range s.events {
		for _, a := range attributesOf(event) {
			list, _ := a["Sighting"].([]any)
			for _, one := range list {
				o := one.(map[string]any)
				if o["org_id"] == "1" {
					out = append(out, strings.Join([]string{a["value"].(string), o["type"].(string), o["date_sighting"].(string), o["source"].(string)}, " "))
				}
			}
		}
	}
	return out
}

// count is how many requests began with this.
func (s *server) count(start string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, request := range s.asked {
		if strings.HasPrefix(request, start) {
			n++
		}
	}
	return n
}
