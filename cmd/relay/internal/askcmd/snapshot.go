package askcmd

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// snapshot is an investigation in the shape in which the platform saves its own.
type snapshot struct {
	Title      string   `json:"title"`
	Created    string   `json:"created"`
	SearchText string   `json:"search-txt"`
	Actions    []action `json:"actions"`
}

// action is a step: "collect" finds observables, "investigate" asks about one.
type action struct {
	Type   string         `json:"type"`
	State  string         `json:"state"`
	Args   any            `json:"args"`
	Result map[string]any `json:"result"`
}

// moduleResult is a module's answer about an observable.
type moduleResult struct {
	Module     string          `json:"module"`
	InstanceID string          `json:"module_instance_id"`
	TypeID     string          `json:"module_type_id"`
	Data       json.RawMessage `json:"data,omitempty"`
	Errors     []relay.Error   `json:"errors,omitempty"`
}

func newSnapshot(all []answers) snapshot {
	now := time.Now().UTC()
	observables := []ctim.Observable{}
	var search []string
	for _, a := range all {
		observables = append(observables, a.observable)
		search = append(search, platformForm(a.observable))
	}
	s := snapshot{Title: "Investigation of " + now.Format("2006-01-02 15:04"), Created: now.Format(time.RFC3339), SearchText: strings.Join(search, " ")}
	s.Actions = []action{{"collect", "ok", map[string]any{"text": s.SearchText}, map[string]any{"data": observables}}}
	for _, a := range all {
		results := []moduleResult{}
		for _, r := range a.results {
			results = append(results, moduleResult{r.module.title, r.module.name, r.module.name, r.data, r.errors})
		}
		args := map[string]any{"observable": a.observable}
		s.Actions = append(s.Actions, action{"investigate", "ok", args, map[string]any{"data": results}})
	}
	return s
}

// platformForm writes an observable as the platform does: ip:"192.0.2.1".
func platformForm(o ctim.Observable) string {
	return string(o.Type) + `:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(o.Value) + `"`
}
