package relaytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// recordings is where the recorded cases of existing relays are, from a provider's
// folder. They are not part of this repository.
const recordings = "../../../shared/data/recorded"

// recordedCase is a test of an existing relay: what the third party responded, and what
// the relay answered.
type recordedCase struct {
	Test       string          `json:"test"`
	Route      string          `json:"route"`
	Request    json.RawMessage `json:"request"`
	ThirdParty []recordedCall  `json:"third_party"`
	Expected   json.RawMessage `json:"expected"`
}

type recordedCall struct {
	Method, URL string
	Params      map[string]any
	Status      int
	Answer      json.RawMessage
}

// Recorded compares a provider's answers with those recorded of an existing relay for
// the same third party. It returns the differences by case: a line for each part of an
// answer that only the existing relay ("-") or only this one ("+") has. In the lines,
// "it" is an observable of the request, and equal lines are counted. Ids, times, titles
// of links and the wording of errors are not compared. repairs are pairs of an old and a
// new text, for what is wrong in a recording. The test is skipped if there are no
// recordings.
func Recorded(t *testing.T, p relay.Provider, name string, o Options, repairs ...string) map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(recordings, name+".json"))
	if os.IsNotExist(err) {
		t.Skip("no recordings of existing relays here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recordedCase }
	if err := json.Unmarshal([]byte(strings.NewReplacer(repairs...).Replace(string(raw))), &file); err != nil {
		t.Fatal(err)
	}
	differences := map[string][]string{}
	for _, c := range file.Cases {
		want := outline(t, c.Expected)
		var got []string
		synctest.Test(t, func(t *testing.T) { // pauses take no time
			r := Serve(t, p, recordedCalls(c.ThirdParty), o)
			got = outline(t, []byte(r.Post(t.Context(), t, c.Route, c.Request).Raw))
		})
		_, short, _ := strings.Cut(c.Test, "::")
		if lines := append(without("- ", want, got), without("+ ", got, want)...); len(lines) > 0 {
			differences[short] = c.summarize(lines)
		}
	}
	return differences
}

// summarize replaces the observables of the request, and counts equal lines.
func (c recordedCase) summarize(lines []string) (summary []string) {
	var observables []ctim.Observable
	_ = json.Unmarshal(c.Request, &observables) // it may be another body
	var names []string
	for _, o := range observables {
		names = append(names, string(o.Type)+" "+o.Value, "it")
	}
	count := map[string]int{}
	for _, line := range lines {
		line = strings.NewReplacer(names...).Replace(line)
		if count[line]++; count[line] == 1 {
			summary = append(summary, line)
		}
	}
	for i, line := range summary {
		if count[line] > 1 {
			summary[i] = fmt.Sprintf("%s (%d times)", line, count[line])
		}
	}
	return summary
}

// without returns the lines that aren't among the others, with a mark.
func without(mark string, lines, others []string) (only []string) {
	others = slices.Clone(others)
	for _, line := range lines {
		if i := slices.Index(others, line); i >= 0 {
			others = slices.Delete(others, i, i+1)
		} else {
			only = append(only, mark+line)
		}
	}
	return only
}

// recordedCalls is a stand-in that knows the recorded calls alone.
type recordedCalls []recordedCall

func (calls recordedCalls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, call := range calls {
		recorded, err := url.Parse(call.URL)
		if err != nil || call.Method != r.Method || strings.Trim(recorded.Path, "/") != strings.Trim(r.URL.Path, "/") || !call.has(recorded.Query(), r.URL.Query()) {
			continue
		}
		w.WriteHeader(cmp.Or(call.Status, http.StatusOK))
		if call.Answer == nil {
			call.Answer = json.RawMessage(`{}`)
		}
		_, _ = w.Write(call.Answer)
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

// has reports whether the query has the recorded parameters, with any credential. They are
// Params, or the query of the URL.
func (c recordedCall) has(recorded, query url.Values) bool {
	for name, value := range c.Params {
		recorded.Set(name, fmt.Sprint(value))
	}
	for name := range recorded {
		if value := recorded.Get(name); value != "<credential>" && query.Get(name) != value {
			return false
		}
	}
	return len(query) == len(recorded)
}

// outline returns a line for each part of an answer, sorted. Entities with the same id
// have one line.
func outline(t *testing.T, answer []byte) []string {
	t.Helper()
	var a struct {
		Data   json.RawMessage
		Errors []relay.Error
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range a.Errors {
		lines = append(lines, string(e.Type))
	}
	var list []Doc
	var kinds map[string]struct{ Docs []Doc }
	if json.Unmarshal(a.Data, &list) == nil {
		for _, item := range list { // links or actions
			lines = append(lines, fmt.Sprint(cmp.Or(item["url"], item["title"])))
		}
	} else if json.Unmarshal(a.Data, &kinds) == nil {
		lines = append(lines, outlineEntities(kinds)...)
	} else if len(a.Errors) == 0 {
		var status bytes.Buffer
		_ = json.Compact(&status, a.Data)
		lines = append(lines, status.String())
	}
	slices.Sort(lines)
	return lines
}

func outlineEntities(kinds map[string]struct{ Docs []Doc }) (lines []string) {
	labels := map[any]string{}
	for kind, docs := range kinds {
		for _, doc := range docs.Docs {
			if label := labelOf(doc); kind != "relationships" && (doc["id"] == nil || labels[doc["id"]] == "") {
				labels[doc["id"]] = label
				lines = append(append(lines, label), relationsOf(doc)...)
			}
		}
	}
	for _, r := range kinds["relationships"].Docs {
		lines = append(lines, fmt.Sprintf("[%s] is %v [%s]", labels[r["source_ref"]], r["relationship_type"], labels[r["target_ref"]]))
	}
	return lines
}

func observableIn(value any) string {
	o, _ := value.(Doc)
	return fmt.Sprintf("%v %v", o["type"], o["value"])
}

// labelOf returns what an entity says.
func labelOf(doc Doc) string {
	switch doc["type"] {
	case "verdict":
		return fmt.Sprintf("verdict %v on %s", doc["disposition_name"], observableIn(doc["observable"]))
	case "judgement":
		return fmt.Sprintf("judgement %v, %v on %s: %v", doc["disposition_name"], doc["severity"], observableIn(doc["observable"]), cmp.Or(doc["reason"], any("")))
	case "sighting":
		label := fmt.Sprint(cmp.Or(doc["title"], doc["description"]))
		if seen, ok := doc["observables"].([]any); ok && len(seen) > 0 {
			label = observableIn(seen[0]) + ": " + label
		}
		return "sighting of " + label
	default:
		return fmt.Sprintf("%v %v", doc["type"], doc["title"])
	}
}

// relationsOf returns the relations that a sighting observed.
func relationsOf(doc Doc) (lines []string) {
	relations, _ := doc["relations"].([]any)
	for _, relation := range relations {
		if r, ok := relation.(Doc); ok {
			lines = append(lines, fmt.Sprintf("%s %v %s", observableIn(r["source"]), r["relation"], observableIn(r["related"])))
		}
	}
	return lines
}
