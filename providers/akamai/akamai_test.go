package akamai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

var known = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

func options() relaytest.Options {
	return relaytest.Options{Claims: map[string]any{
		"baseUrl": "akab-xxxx.luna.akamaiapis.net", "accessToken": "s3cr3t-accessToken", "clientToken": "s3cr3t-clientToken", "clientSecret": "s3cr3t-clientSecret",
	}}
}

// edge is an Akamai with one list, which it changes and activates.
type edge struct {
	mu                  sync.Mutex
	elements            []string
	version             int
	staging, production string
	writes              []string
}

const blocked = "25614_BLOCKED"

func (e *edge) list() string {
	elements, _ := json.Marshal(e.elements)
	return fmt.Sprintf(`{"uniqueId":%q,"name":"Blocked","type":"IP","readOnly":false,"syncPoint":%d,"elementCount":%d,"list":%s,"stagingActivationStatus":%q,"productionActivationStatus":%q}`,
		blocked, e.version, len(e.elements), elements, e.staging, e.production)
}

func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	header := r.Header.Get("Authorization")
	if !strings.HasPrefix(header, "EG1-HMAC-SHA256 client_token=s3cr3t-clientToken;access_token=s3cr3t-accessToken;") {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"status":401,"title":"Not authorized","detail":"Invalid authorization access token"}`)
		return
	}
	if r.Method != http.MethodGet {
		e.writes = append(e.writes, r.Method+" "+r.URL.RequestURI())
	}
	element := r.URL.Query().Get("element")
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, listsPath) {
	case "GET ":
		fmt.Fprintf(w, `{"networkLists":[%s,{"uniqueId":"365_TOR","name":"Tor","readOnly":true,"syncPoint":7,"list":["203.0.113.77"],"productionActivationStatus":"MODIFIED"}]}`, e.list())
		return
	case "GET /" + blocked:
	case "PUT /" + blocked + "/elements":
		e.elements, e.version, e.staging, e.production = append(e.elements, element), e.version+1, "MODIFIED", "MODIFIED"
	case "DELETE /" + blocked + "/elements":
		e.elements = slices.DeleteFunc(e.elements, func(s string) bool { return s == element })
		e.version, e.staging, e.production = e.version+1, "MODIFIED", "MODIFIED"
	case "POST /" + blocked + "/environments/STAGING/activate":
		e.staging = "PENDING_ACTIVATION"
	case "POST /" + blocked + "/environments/PRODUCTION/activate":
		e.production = "PENDING_ACTIVATION"
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"status":404,"title":"Not found","detail":"No such network list"}`)
		return
	}
	_, _ = io.WriteString(w, e.list())
}

func newEdge(elements ...string) *edge {
	return &edge{elements: elements, version: 5, staging: "ACTIVE", production: "ACTIVE"}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, newEdge("203.0.113.77"), known, options())
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// offers returns the actions on an observable by id.
func offers(t *testing.T, r *relaytest.Relay, o ctim.Observable) map[string]relay.Action {
	t.Helper()
	var list []relay.Action
	a := r.Ask(t, "/respond/observables", o)
	if err := json.Unmarshal(a.Data, &list); err != nil || len(a.Errors) > 0 {
		t.Fatalf("%v in %s", err, a.Raw)
	}
	actions := map[string]relay.Action{}
	for _, action := range list {
		actions[action.ID] = action
	}
	return actions
}

func names(actions map[string]relay.Action) string {
	var all []string
	for id := range actions {
		all = append(all, strings.TrimPrefix(id, "akamai-"))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// trigger runs an action, and returns the status and the type of the error.
func trigger(t *testing.T, r *relaytest.Relay, action relay.Action) string {
	t.Helper()
	form := map[string]string{"action-id": action.ID}
	for name, value := range action.Params {
		form[name] = value
	}
	a := r.Post(t.Context(), t, "/respond/trigger", form)
	var data struct{ Status string }
	_ = json.Unmarshal(a.Data, &data)
	return strings.TrimSpace(data.Status + " " + a.Codes())
}

// An address is added, activated and removed again. Each action may be repeated.
func TestActions(t *testing.T) { testActions(t) }

// Actions depend on the present state of the lists, even if responses are cached.
func TestActionsIgnoreTheCache(t *testing.T) {
	t.Setenv("UPSTREAM_CACHE", "1h")
	testActions(t)
}

func testActions(t *testing.T) {
	t.Helper()
	akamai := newEdge("198.51.100.0/24")
	r := relaytest.Serve(t, Provider, akamai, options())
	for _, step := range []struct{ offered, action, write string }{
		{"add-to-network-list", addAction, "PUT " + listsPath + "/25614_BLOCKED/elements?element=203.0.113.77"},
		{"activate-network-list-in-production activate-network-list-in-staging remove-from-network-list", activateAction + staging, "POST " + listsPath + "/25614_BLOCKED/environments/STAGING/activate"},
		{"activate-network-list-in-production remove-from-network-list", activateAction + production, "POST " + listsPath + "/25614_BLOCKED/environments/PRODUCTION/activate"},
		{"remove-from-network-list", removeAction, "DELETE " + listsPath + "/25614_BLOCKED/elements?element=203.0.113.77"},
		{"activate-network-list-in-production activate-network-list-in-staging add-to-network-list", activateAction + production, "POST " + listsPath + "/25614_BLOCKED/environments/PRODUCTION/activate"},
	} {
		akamai.writes = nil
		actions := offers(t, r, known)
		if got := names(actions); got != step.offered {
			t.Errorf("offered %s, want %s", got, step.offered)
		}
		if got := trigger(t, r, actions[step.action]); got != "success" {
			t.Errorf("%s: %s", step.action, got)
		}
		if got := trigger(t, r, actions[step.action]); got != "success warning invalid argument" {
			t.Errorf("%s again: %s", step.action, got)
		}
		if diff := cmp.Diff([]string{step.write}, akamai.writes); diff != "" {
			t.Errorf("%s: %s", step.action, diff)
		}
	}
}

// Membership is by network, in any spelling.
func TestMembership(t *testing.T) {
	for _, tt := range []struct {
		value, elements, offered, removes string
	}{
		{"203.0.113.77", "", "add-to-network-list", ""},
		{"203.0.113.77", "203.0.113.7 203.0.113.78/31x 1203.0.113.77 text", "add-to-network-list", ""},
		{"203.0.113.77", "203.0.113.77", "remove-from-network-list", "203.0.113.77"},
		{"203.0.113.77", "203.0.113.77/32", "remove-from-network-list", "203.0.113.77/32"},
		{"203.0.113.77", "203.0.113.58/24", "", ""},
		{"203.0.113.77", "203.0.113.58/24 203.0.113.77", "remove-from-network-list", "203.0.113.77"},
		{"2001:4860:4860::8888", "2001:4860:4860:0000:0:0:0:8888", "remove-from-network-list", "2001:4860:4860:0000:0:0:0:8888"},
		{"2001:4860:4860::8888", "2001:4860::/32", "", ""},
	} {
		akamai := newEdge(strings.Fields(tt.elements)...)
		r := relaytest.Serve(t, Provider, akamai, options())
		actions := offers(t, r, ctim.Observable{Type: ctim.TypeIPv6, Value: tt.value})
		if got := names(actions); got != tt.offered {
			t.Errorf("%s in %s: offered %q, want %q", tt.value, tt.elements, got, tt.offered)
		}
		if tt.removes == "" {
			continue
		}
		if got := trigger(t, r, actions[removeAction]); got != "success" {
			t.Errorf("%s in %s: %s", tt.value, tt.elements, got)
		}
		if want := "DELETE " + listsPath + "/25614_BLOCKED/elements?element=" + url.QueryEscape(tt.removes); len(akamai.writes) != 1 || akamai.writes[0] != want {
			t.Errorf("got %v, want %s", akamai.writes, want)
		}
	}
}

// What has changed since an action was offered is not changed by it.
func TestChangedMeanwhile(t *testing.T) {
	for name, tt := range map[string]struct {
		elements, action string
		change           func(*edge)
		want             string
	}{
		"added by somebody":        {"", addAction, func(e *edge) { e.elements, e.version = []string{"203.0.113.77"}, 6 }, "success warning invalid argument"},
		"its network was added":    {"", addAction, func(e *edge) { e.elements, e.version = []string{"203.0.113.0/24"}, 6 }, "success warning invalid argument"},
		"another address":          {"", addAction, func(e *edge) { e.elements, e.version = []string{"203.0.113.78"}, 6 }, "failure fatal invalid argument"},
		"removed by somebody":      {"203.0.113.77", removeAction, func(e *edge) { e.elements, e.version = nil, 6 }, "success warning invalid argument"},
		"a network instead":        {"203.0.113.77", removeAction, func(e *edge) { e.elements, e.version = []string{"203.0.113.0/24"}, 6 }, "failure fatal invalid argument"},
		"changed before activated": {"203.0.113.77", activateAction + production, func(e *edge) { e.version = 6 }, "failure fatal invalid argument"},
		"activated by somebody":    {"203.0.113.77", activateAction + production, func(e *edge) { e.production = "ACTIVE" }, "success warning invalid argument"},
	} {
		akamai := newEdge(strings.Fields(tt.elements)...)
		akamai.production = "MODIFIED"
		r := relaytest.Serve(t, Provider, akamai, options())
		action := offers(t, r, known)[tt.action]
		tt.change(akamai)
		if got := trigger(t, r, action); got != tt.want || len(akamai.writes) > 0 {
			t.Errorf("%s: %s, wrote %v", name, got, akamai.writes)
		}
	}
}

// Akamai refuses what it can't change.
func TestRefusedWrites(t *testing.T) {
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{http.StatusConflict, `{"detail":"Conflict"}`, "failure fatal invalid argument"},
		{http.StatusForbidden, `{"detail":"Not allowed"}`, "failure fatal authorization error"},
		{http.StatusUnprocessableEntity, `{"detail":"Invalid element"}`, "failure fatal invalid argument"},
		{http.StatusOK, `<!DOCTYPE html><title>Log in</title>`, "failure fatal service unavailable"},
		{http.StatusOK, ``, "failure fatal service unavailable"},
		{http.StatusOK, `{"uniqueId":"256`, "failure fatal connection error"},
	} {
		akamai := newEdge()
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				akamai.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		}), options())
		if got := trigger(t, r, offers(t, r, known)[addAction]); got != tt.want {
			t.Errorf("%d %s: got %s, want %s", tt.status, tt.body, got, tt.want)
		}
	}
}

// Triggers that no action offers.
func TestBadTriggers(t *testing.T) {
	for name, tt := range map[string]struct {
		id, list, value, want string
	}{
		"no such action":      {"akamai-x", blocked, "203.0.113.77", "failure fatal invalid argument"},
		"no such environment": {activateAction + "mars", blocked, "203.0.113.77", "failure fatal invalid argument"},
		"no list":             {addAction, "", "203.0.113.77", "failure fatal invalid argument"},
		"another path":        {addAction, "..", "203.0.113.77", "failure fatal invalid argument"},
		"an unknown list":     {addAction, "1_X", "203.0.113.77", "failure fatal not found"},
		"a private address":   {addAction, blocked, "10.1.2.3", "failure fatal invalid argument"},
		"a network":           {addAction, blocked, "203.0.113.0/24", "failure fatal invalid argument"},
		"everything":          {addAction, blocked, "0.0.0.0/0", "failure fatal invalid argument"},
		"no address":          {removeAction, blocked, "0", "failure fatal invalid argument"},
	} {
		akamai := newEdge()
		r := relaytest.Serve(t, Provider, akamai, options())
		got := trigger(t, r, relay.Action{ID: tt.id, Params: map[string]string{"observable_type": "ip", "observable_value": tt.value, listParam: tt.list}})
		if got != tt.want || len(akamai.writes) > 0 {
			t.Errorf("%s: %s, wrote %v", name, got, akamai.writes)
		}
	}
}

// Answers of another shape than documented are understood as far as possible.
func TestShapes(t *testing.T) {
	for body, want := range map[string]string{
		`{"networkLists":[{"uniqueId":7,"syncPoint":"5","name":null,"readOnly":"false","list":null}]}`:   "add-to-network-list",
		`{"networkLists":[{"uniqueId":"A","list":[null,7,{},["203.0.113.77"],"203.0.113.77"]}]}`:         "remove-from-network-list",
		`{"networkLists":[{"uniqueId":"A","list":[],"stagingActivationStatus":"INACTIVE"}]}`:             "add-to-network-list",
		`{"networkLists":[{"uniqueId":"A","list":["203.0.113.77"],"stagingActivationStatus":"FAILED"}]}`: "activate-network-list-in-staging remove-from-network-list",
		`{"networkLists":[{"name":"no id","list":[]},null,7,{"uniqueId":"A","readOnly":"true"}]}`:        "",
		`{"networkLists":[]}`:   "",
		`{"networkLists":null}`: "",
		`{"networkLists":{}}`:   "",
		`{}`:                    "fatal service unavailable",
		`{"detail":"no"}`:       "fatal service unavailable",
		`[]`:                    "fatal service unavailable",
	} {
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }), options())
		got := r.Ask(t, "/respond/observables", known).Codes()
		if got == "" {
			got = names(offers(t, r, known))
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// The lists are requested once for all observables, and a refusal is said once.
func TestManyObservables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []ctim.Observable
		for i := range 50 {
			all = append(all, ctim.Observable{Type: ctim.TypeIP, Value: fmt.Sprintf("203.0.113.%d", i+1)})
		}
		var calls atomic.Int32
		refuse := false
		akamai := newEdge("203.0.113.7")
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			if refuse {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			akamai.ServeHTTP(w, r)
		}), options())
		a := r.Ask(t, "/respond/observables", all...)
		var actions []relay.Action
		if err := json.Unmarshal(a.Data, &actions); err != nil || len(actions) != 50 || calls.Load() != 1 {
			t.Errorf("%d calls, %d actions, %v", calls.Load(), len(actions), err)
		}
		refuse = true
		if a := r.Ask(t, "/respond/observables", all...); a.Codes() != "fatal authorization error" || calls.Load() != 2 {
			t.Errorf("%d calls, %s", calls.Load(), a.Codes())
		}
	})
}

// Elements that nobody asked about need no memory.
func TestLargeLists(t *testing.T) {
	var b strings.Builder
	b.WriteString(`[{"uniqueId":"A","list":["203.0.113.77"`)
	for i := range 300_000 {
		fmt.Fprintf(&b, `,"%s"`, netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	b.WriteString(`]}]`)
	var before, after runtime.MemStats
	l := lists{wanted: []netip.Addr{netip.MustParseAddr("203.0.113.77")}}
	runtime.ReadMemStats(&before)
	if err := json.Unmarshal([]byte(b.String()), &l); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := l.all[0].Elements.found; len(got) != 1 {
		t.Errorf("found %v", got)
	}
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > int64(2*b.Len()) {
		t.Errorf("%d bytes are kept of %d", kept, b.Len())
	}
	runtime.KeepAlive(l)
}

// No id leads to another path than that of a list.
func FuzzListPath(f *testing.F) {
	for _, seed := range []string{"25614_BLOCKED", "a/../b", "..", "%2e%2e", "a?b=c", "a#b", "a;b", "ä b", "a\nb", "//"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if strings.Trim(id, ".") == "" {
			return // Trigger refuses it
		}
		sent := ""
		client, err := upstream.New(upstream.Options{Title: "Akamai", Transport: upstreamtest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent = r.URL.RequestURI()
			_, _ = io.WriteString(w, `{}`)
		}))})
		if err != nil {
			t.Fatal(err)
		}
		caller, err := client.Caller(upstream.AddressFrom("host", upstream.None()), relay.NewClaims(map[string]any{"host": "https://akab.luna.akamaiapis.net"}))
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Get(t.Context(), listPath(id, "/elements"), nil, nil); err != nil {
			t.Fatal(err)
		}
		segment, ok := strings.CutPrefix(sent, listsPath+"/")
		segment, whole := strings.CutSuffix(segment, "/elements")
		if got, err := url.PathUnescape(segment); !ok || !whole || err != nil || got != id || strings.ContainsAny(segment, "/?#") {
			t.Errorf("%q became %s", id, sent)
		}
	})
}

func FuzzElements(f *testing.F) {
	for _, seed := range []string{`["203.0.113.77"]`, `["203.0.113.0/24",7,null]`, `{"a":1}`, `"::ffff:203.0.113.77/128"`, `["0.0.0.0/0"]`} {
		f.Add([]byte(seed))
	}
	wanted := netip.MustParseAddr("203.0.113.77")
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := networkList{Elements: elements{wanted: []netip.Addr{wanted}}}
		if !json.Valid(raw) || lenient.NewWalker([]byte(`{"list":`+string(raw)+`}`)).Decode(&n) != nil {
			return
		}
		m := n.Elements.found[wanted]
		if m.alone != "" && !strings.HasPrefix(m.alone, "203.0.113.77") || m.around != "" && !strings.Contains(m.around, "/") {
			t.Errorf("%s: %+v", raw, m)
		}
	})
}
