package defender

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var (
	malware = ctim.Observable{Type: ctim.TypeSHA1, Value: "3395856ce81f2b7382dee72602f798b642f14140"}
	desktop = ctim.Observable{Type: ctim.TypeMSMachineID, Value: "1e5bc9d7e413ddd7902c2932e418702b84d0cc07"}
)

const malwareAlert = `{"id":"da1","title":"Malware was found","severity":"Medium","threatName":"Trojan:Win32/Example","firstEventTime":"1999-12-30T00:00:00Z",
	"machineId":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-1","evidence":[{"entityType":"File","sha1":"3395856ce81f2b7382dee72602f798b642f14140"}]}`

// standIn is Microsoft: tokens, one file with an alert and an event, and one device.
type standIn struct {
	mu         sync.Mutex
	indicators map[string]indicatorBody
	actions    []map[string]any // the newest last
	posts      []string
	next       int
}

type indicatorBody struct {
	ID            string `json:"id"`
	Value         string `json:"indicatorValue"`
	IndicatorType string `json:"indicatorType"`
	Action        string `json:"action"`
	Title         string `json:"title"`
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Host == "login.microsoftonline.com" {
		form, _ := url.ParseQuery(string(body))
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3599}`, "token for "+form.Get("scope"))
		return
	}
	scope := map[string]string{"api.security.microsoft.com": endpointScope, "graph.microsoft.com": graphScope}[r.URL.Host]
	if r.Header.Get("Authorization") != "Bearer token for "+scope {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet && r.URL.Host != "graph.microsoft.com" {
		s.posts = append(s.posts, r.Method+" "+r.URL.Path+" "+string(body))
	}
	switch path := r.URL.Path; {
	case path == "/api/alerts", path == "/api/files/"+malware.Value+"/alerts":
		fmt.Fprintf(w, `{"value":[%s]}`, malwareAlert)
	case path == "/v1.0/security/runHuntingQuery":
		if !strings.Contains(string(body), malware.Value) {
			fmt.Fprint(w, `{"schema":[],"results":[]}`)
			return
		}
		fmt.Fprintf(w, `{"results":[{"Timestamp":"1999-12-30T00:00:00Z","ActionType":"FileCreated","DeviceName":"desktop-1","SHA1":%q,"ReportId":7}]}`, malware.Value)
	case path == "/api/indicators" && r.Method == http.MethodPost:
		var added indicatorBody
		_ = json.Unmarshal(body, &added)
		s.next++
		added.ID = fmt.Sprint(s.next)
		s.indicators[added.Value] = added
		_ = json.NewEncoder(w).Encode(added)
	case path == "/api/indicators":
		found := []indicatorBody{}
		for value, i := range s.indicators {
			if r.URL.Query().Get("$filter") == fmt.Sprintf("indicatorValue eq '%s' and indicatorType eq '%s'", value, i.IndicatorType) {
				found = append(found, i)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"value": found})
	case strings.HasPrefix(path, "/api/indicators/"):
		for value, i := range s.indicators {
			if path == "/api/indicators/"+i.ID {
				delete(s.indicators, value)
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	case path == "/api/machines/"+desktop.Value:
		fmt.Fprintf(w, `{"id":%q,"computerDnsName":"desktop-1","onboardingStatus":"Onboarded"}`, desktop.Value)
	case path == "/api/machineactions" && r.URL.Query().Get("$filter") == "machineId eq '"+desktop.Value+"'":
		_ = json.NewEncoder(w).Encode(map[string]any{"value": s.actions})
	case strings.HasPrefix(path, "/api/machines/"+desktop.Value+"/"):
		var asked struct{ IsolationType, ScanType string }
		_ = json.Unmarshal(body, &asked)
		verb := strings.TrimPrefix(path, "/api/machines/"+desktop.Value+"/")
		s.act(strings.ToUpper(verb[:1])+verb[1:], asked.IsolationType+asked.ScanType, "Pending")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(s.actions[len(s.actions)-1])
	case strings.HasSuffix(path, "/alerts"):
		fmt.Fprint(w, `{"value":[]}`)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":{"code":"ResourceNotFound","message":"It was not found"}}`)
	}
}

// act adds an action on the device.
func (s *standIn) act(kind, scope, status string) {
	s.next++
	s.actions = append(s.actions, map[string]any{
		"id": fmt.Sprintf("action-%d", s.next), "type": kind, "scope": scope, "status": status,
		"creationDateTimeUtc": fmt.Sprintf("2000-01-01T00:%02d:00Z", s.next),
	})
}

func newStandIn() *standIn { return &standIn{indicators: map[string]indicatorBody{}} }

func serve(t *testing.T, s http.Handler) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, s, relaytest.Options{})
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, newStandIn(), malware, relaytest.Options{Internal: true, Time: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// offered returns the actions that are offered, by ID.
func offered(t *testing.T, r *relaytest.Relay, o ctim.Observable) map[string]relay.Action {
	t.Helper()
	a := r.Ask(t, "/respond/observables", o)
	var list []relay.Action
	if err := json.Unmarshal(a.Data, &list); err != nil || len(a.Errors) > 0 {
		t.Fatalf("%v in %s", err, a.Raw)
	}
	all := map[string]relay.Action{}
	for _, action := range list {
		all[action.ID] = action
	}
	return all
}

// trigger runs an action, and returns the status and errors.
func trigger(t *testing.T, r *relaytest.Relay, a relay.Action, o ctim.Observable) string {
	t.Helper()
	form := map[string]string{"action-id": a.ID, "observable_type": string(o.Type), "observable_value": o.Value}
	for name, value := range a.Params {
		form[name] = value
	}
	answer := r.Post(t.Context(), t, "/respond/trigger", form)
	var data struct{ Status string }
	_ = json.Unmarshal(answer.Data, &data)
	return strings.TrimSpace(data.Status + " " + answer.Codes())
}

const (
	success   = "success"
	noEffect  = "success warning invalid argument"
	refused   = "failure fatal invalid argument"
	unknown   = "failure fatal not found"
	allOrders = 8
)

// Each action on a device is offered when it makes sense, and has an effect once.
func TestDeviceActions(t *testing.T) {
	for id, tt := range map[string]struct{ before, path string }{
		"defender-isolate-full":      {"", "isolate"},
		"defender-isolate-selective": {"", "isolate"},
		"defender-release":           {"Isolate", "unisolate"},
		"defender-restrict":          {"", "restrictCodeExecution"},
		"defender-unrestrict":        {"RestrictCodeExecution", "unrestrictCodeExecution"},
		"defender-scan-quick":        {"", "runAntiVirusScan"},
		"defender-scan-full":         {"", "runAntiVirusScan"},
		"defender-collect":           {"", "collectInvestigationPackage"},
	} {
		s := newStandIn()
		if tt.before != "" {
			s.act(tt.before, "Full", "Succeeded")
		}
		r := serve(t, s)
		action, ok := offered(t, r, desktop)[id]
		if !ok {
			t.Errorf("%s is not offered", id)
			continue
		}
		if got := trigger(t, r, action, desktop); got != success {
			t.Errorf("%s: %s", id, got)
		}
		for _, status := range []string{"Pending", "Succeeded"} {
			s.actions[len(s.actions)-1]["status"] = status
			if got := trigger(t, r, action, desktop); got != noEffect {
				t.Errorf("%s, repeated: %s", id, got)
			}
		}
		if want := "POST /api/machines/" + desktop.Value + "/" + tt.path + " "; len(s.posts) != 1 || !strings.HasPrefix(s.posts[0], want) {
			t.Errorf("%s: posted %q, want %s", id, s.posts, want)
		}
	}
}

func TestOffers(t *testing.T) {
	for name, tt := range map[string]struct {
		actions    [][2]string // kind and status, the newest last
		has, lacks string
	}{
		"nothing yet":            {nil, "defender-isolate-full", "defender-release"},
		"isolated":               {[][2]string{{"Isolate", "Succeeded"}}, "defender-release", "defender-isolate-full"},
		"being isolated":         {[][2]string{{"Isolate", "Pending"}}, "defender-release", "defender-isolate-full"},
		"isolation failed":       {[][2]string{{"Isolate", "Failed"}}, "defender-isolate-full", "defender-release"},
		"isolated and released":  {[][2]string{{"Isolate", "Succeeded"}, {"Unisolate", "Succeeded"}}, "defender-isolate-selective", "defender-release"},
		"release failed":         {[][2]string{{"Isolate", "Succeeded"}, {"Unisolate", "TimeOut"}}, "defender-release", "defender-isolate-full"},
		"restricted":             {[][2]string{{"RestrictCodeExecution", "Succeeded"}, {"Isolate", "Cancelled"}}, "defender-unrestrict", "defender-restrict"},
		"being scanned":          {[][2]string{{"RunAntiVirusScan", "InProgress"}}, "defender-collect", "defender-scan-quick"},
		"scanned":                {[][2]string{{"RunAntiVirusScan", "Succeeded"}}, "defender-scan-quick", "defender-release"},
		"being packed":           {[][2]string{{"CollectInvestigationPackage", "Pending"}}, "defender-scan-full", "defender-collect"},
		"offboarded, and so on":  {[][2]string{{"Offboard", "Succeeded"}, {"LiveResponse", "Pending"}}, "defender-scan-full", "defender-release"},
		"a type that is missing": {[][2]string{{"", "Succeeded"}}, "defender-scan-full", "defender-release"},
	} {
		s := newStandIn()
		for _, a := range tt.actions {
			s.act(a[0], "Full", a[1])
		}
		got := offered(t, serve(t, s), desktop)
		if _, ok := got[tt.has]; !ok {
			t.Errorf("%s: %s is not offered", name, tt.has)
		}
		if _, ok := got[tt.lacks]; ok {
			t.Errorf("%s: %s is offered", name, tt.lacks)
		}
	}
	if n := len(orders(desktop)); n != allOrders {
		t.Errorf("%d orders", n)
	}
}

// An action on a device that has changed since it was offered fails and does nothing.
func TestChangedDevice(t *testing.T) {
	s := newStandIn()
	r := serve(t, s)
	isolate := offered(t, r, desktop)["defender-isolate-full"]
	s.act("Isolate", "Selective", "Succeeded")
	if got := trigger(t, r, isolate, desktop); got != refused {
		t.Errorf("isolated in another way: %s", got)
	}
	release := offered(t, r, desktop)["defender-release"]
	s.act("Unisolate", "", "Succeeded")
	s.act("Isolate", "Full", "Succeeded")
	if got := trigger(t, r, release, desktop); got != refused {
		t.Errorf("released, and isolated again: %s", got)
	}
	if len(s.posts) > 0 {
		t.Errorf("posted %s", s.posts)
	}
}

// Nothing can be done about a device that Defender doesn't know or manage.
func TestUnknownDevices(t *testing.T) {
	stranger := ctim.Observable{Type: ctim.TypeMSMachineID, Value: "0000000000000000000000000000000000000000"}
	quoted := ctim.Observable{Type: ctim.TypeMSMachineID, Value: "x' or '1' eq '1"}
	isolate := relay.Action{ID: "defender-isolate-full", Params: map[string]string{stateParam: "none"}}
	r := serve(t, newStandIn())
	for _, o := range []ctim.Observable{stranger, quoted} {
		if len(offered(t, r, o)) > 0 {
			t.Errorf("%s: actions are offered", o.Value)
		}
		if got := trigger(t, r, isolate, o); got != unknown {
			t.Errorf("%s: %s", o.Value, got)
		}
	}
	s := newStandIn()
	left := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/machines/"+desktop.Value {
			fmt.Fprintf(w, `{"id":%q,"onboardingStatus":"InsufficientInfo"}`, desktop.Value)
			return
		}
		s.ServeHTTP(w, r)
	}))
	if got := trigger(t, left, isolate, desktop); len(offered(t, left, desktop)) > 0 || got != unknown || len(s.posts) > 0 {
		t.Errorf("not onboarded: %s, posted %v", got, s.posts)
	}
	if got := trigger(t, r, relay.Action{ID: "defender-isolate-full"}, desktop); got != refused {
		t.Errorf("without a state: %s", got)
	}
	for _, o := range []ctim.Observable{desktop, malware, {Type: ctim.TypeFileName, Value: "a.exe"}} {
		if got := trigger(t, r, relay.Action{ID: "defender-format"}, o); got != refused {
			t.Errorf("%s: not an action: %s", o.Type, got)
		}
	}
	if got := trigger(t, r, relay.Action{ID: "defender-indicator-block"}, ctim.Observable{Type: ctim.TypeFileName, Value: "a.exe"}); got != refused {
		t.Errorf("there can be no indicator of a file name: %s", got)
	}
}

// Defender refuses what is already under way, which may have begun after the check.
func TestRace(t *testing.T) {
	s := newStandIn()
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/isolate") {
			s.act("Isolate", "Full", "Pending")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"code":"ActiveRequestAlreadyExists","message":"Action is already in progress"}}`)
			return
		}
		s.ServeHTTP(w, r)
	}))
	if got := trigger(t, r, offered(t, r, desktop)["defender-isolate-full"], desktop); got != noEffect {
		t.Error(got)
	}
}

// An action depends on the present state, even if responses are cached.
func TestActionsIgnoreTheCache(t *testing.T) {
	t.Setenv("UPSTREAM_CACHE", "1h")
	s := newStandIn()
	r := serve(t, s)
	scan := offered(t, r, desktop)["defender-scan-quick"]
	if got := trigger(t, r, scan, desktop) + ", " + trigger(t, r, scan, desktop); got != success+", "+noEffect || len(s.posts) != 1 {
		t.Errorf("%s, %s", got, s.posts)
	}
	block := offered(t, r, malware)["defender-indicator-block"]
	if got := trigger(t, r, block, malware) + ", " + trigger(t, r, block, malware); got != success+", "+noEffect || len(s.posts) != 2 {
		t.Errorf("%s, %s", got, s.posts)
	}
}

func TestIndicatorActions(t *testing.T) {
	observables := []ctim.Observable{
		malware, {Type: ctim.TypeSHA256, Value: strings.Repeat("a", 64)}, {Type: ctim.TypeMD5, Value: strings.Repeat("a", 32)},
		{Type: ctim.TypeIP, Value: "203.0.113.77"}, {Type: ctim.TypeIPv6, Value: "2001:db8::77"},
		{Type: ctim.TypeDomain, Value: "malware.example.com"}, {Type: ctim.TypeURL, Value: "http://malware.example.com/o'brien"},
	}
	for _, o := range observables {
		s := newStandIn()
		r := serve(t, s)
		if strings.Contains(o.Value, "'") {
			if got := len(offered(t, r, o)); got != 3 {
				t.Errorf("%s: %d actions", o.Value, got)
			}
			continue // the stand-in compares literals without escapes
		}
		actions := offered(t, r, o)
		block := actions["defender-indicator-block"]
		for i, want := range []string{success, noEffect} {
			if got := trigger(t, r, block, o); got != want {
				t.Errorf("%s: block %d: %s", o.Type, i, got)
			}
		}
		if got := trigger(t, r, actions["defender-indicator-allow"], o); got != refused {
			t.Errorf("%s: allow what was blocked since: %s", o.Type, got)
		}
		offers := offered(t, r, o)
		gone := offers["defender-indicator-remove"]
		if len(offers) != 1 || gone.ID == "" {
			t.Fatalf("%s: offered %v", o.Type, offers)
		}
		if a := r.Ask(t, "/deliberate/observables", o); len(a.Docs(t, "verdicts")) != 1 || a.Docs(t, "verdicts")[0]["disposition_name"] != "Malicious" {
			t.Errorf("%s: %s", o.Type, a.Raw)
		}
		for i, want := range []string{success, noEffect} {
			if got := trigger(t, r, gone, o); got != want {
				t.Errorf("%s: remove %d: %s", o.Type, i, got)
			}
		}
		if got := trigger(t, r, actions["defender-indicator-allow"], o); got != success {
			t.Errorf("%s: allow: %s", o.Type, got)
		}
		if got := trigger(t, r, gone, o); got != refused {
			t.Errorf("%s: remove another one: %s", o.Type, got)
		}
		if got := trigger(t, r, relay.Action{ID: "defender-indicator-remove"}, o); got != refused {
			t.Errorf("%s: remove none: %s", o.Type, got)
		}
		if len(s.posts) != 3 {
			t.Errorf("%s: posted %s", o.Type, s.posts)
		}
	}
}

func TestVerdicts(t *testing.T) {
	file := func(kind string) string { return `[{"entityType":"` + kind + `","sha1":"` + malware.Value + `"}]` }
	for name, tt := range map[string]struct{ alert, want string }{
		"malware":          {`{"severity":"Low","threatName":"x","evidence":` + file("File") + `}`, "Malicious"},
		"determined":       {`{"classification":"TruePositive","determination":"Malware","evidence":` + file("File") + `}`, "Malicious"},
		"a false positive": {`{"severity":"High","threatName":"x","classification":"FalsePositive","evidence":` + file("File") + `}`, ""},
		"expected":         {`{"severity":"High","threatName":"x","classification":"InformationalExpectedActivity","evidence":` + file("File") + `}`, ""},
		"a file":           {`{"severity":"Medium","evidence":` + file("File") + `}`, "Suspicious"},
		"low":              {`{"severity":"Low","evidence":` + file("File") + `}`, ""},
		"a process":        {`{"severity":"High","threatName":"x","evidence":` + file("Process") + `}`, ""},
		"another file":     {`{"severity":"High","threatName":"x","evidence":[{"entityType":"File","sha1":"f"}]}`, ""},
		"nulls":            {`{"id":null,"title":null,"severity":null,"evidence":null,"mitreTechniques":null,"firstEventTime":null}`, ""},
		"other types":      {`{"id":7,"title":7,"severity":3,"evidence":"x","mitreTechniques":{},"firstEventTime":"soon"}`, ""},
	} {
		s := newStandIn()
		r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/alerts") {
				fmt.Fprintf(w, `{"value":[%s]}`, tt.alert)
				return
			}
			s.ServeHTTP(w, r)
		}))
		a := r.Ask(t, "/observe/observables", malware)
		got := ""
		for _, v := range a.Docs(t, "verdicts") {
			got = fmt.Sprint(v["disposition_name"])
		}
		if got != tt.want || len(a.Errors) > 0 {
			t.Errorf("%s: got %q, want %q in %s", name, got, tt.want, a.Raw)
		}
	}
}

func TestAHundredObservables(t *testing.T) {
	all := append(relaytest.Many(ctim.TypeSHA1, 99), malware)
	a := relaytest.Slow(t, Provider, newStandIn(), relaytest.Options{}, 5*time.Second, all...)
	if n := len(a.Docs(t, "verdicts")); n != 1 {
		t.Errorf("%d verdicts", n)
	}
}

// RemoteUrl is a URL, or a host with or without a port and a path.
func TestSites(t *testing.T) {
	for text, want := range map[string]string{
		"evil.example": "domain evil.example", "Evil.example:443": "domain evil.example", "evil.example/a?b": "domain evil.example",
		"https://evil.example/a": "url https://evil.example/a", "203.0.113.9:80": " ", "": " ", "evil example": " ",
	} {
		if got := (event{RemoteURL: lenient.Text(text)}).site(); string(got.Type)+" "+got.Value != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

// Without the permission for hunting, the rest is an answer, and only once is asked.
func TestNoHunting(t *testing.T) {
	s := newStandIn()
	hunts := 0
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/runHuntingQuery") {
			s.mu.Lock()
			hunts++
			s.mu.Unlock()
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"code":"Forbidden","message":"Missing application scopes: ThreatHunting.Read.All"}}`)
			return
		}
		s.ServeHTTP(w, r)
	}))
	a := r.Ask(t, "/observe/observables", malware)
	if a.Codes() != "warning authorization error" || !strings.Contains(a.Raw, "ThreatHunting.Read.All") || len(a.Docs(t, "sightings")) != 1 {
		t.Error(a.Raw)
	}
	if a := r.Ask(t, "/deliberate/observables", malware); len(a.Errors) > 0 || hunts != 1 {
		t.Errorf("%d hunts, %s", hunts, a.Raw)
	}
}

// A secret that Entra refuses, and a token endpoint that is down, are clear errors. A
// refused secret is tried again only by calls that are already on their way.
func TestTokens(t *testing.T) {
	const onTheirWay = 10 * 2 * 2 // observables, services, ways to send the secret
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret is provided."}`, "fatal authorization error"},
		{400, `{"error":"invalid_request","error_description":"AADSTS90002: Tenant not found."}`, "fatal authorization error"},
		{404, `<h1>Not found</h1>`, "fatal not found"},
		{503, ``, "fatal service unavailable"},
		{200, `<h1>Sign in</h1>`, "fatal service unavailable"},
		{200, `{}`, "fatal service unavailable"},
	} {
		var mu sync.Mutex
		calls := 0
		r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			calls++
			mu.Unlock()
			if r.URL.Host != "login.microsoftonline.com" || r.URL.Path != "/s3cr3t-tenant_id/oauth2/v2.0/token" {
				t.Errorf("called %s", r.URL)
			}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		}))
		if a := r.Post(t.Context(), t, "/health", nil); a.Codes() != tt.want || tt.status < 402 && tt.status > 300 && !strings.Contains(a.Raw, "AADSTS") {
			t.Errorf("%d: %s", tt.status, a.Raw)
		}
		calls = 0
		a := r.Ask(t, "/deliberate/observables", relaytest.Many(ctim.TypeDomain, 50)...)
		if a.Codes() != tt.want || tt.status == 401 && calls > onTheirWay {
			t.Errorf("%d: %d calls, %.600s", tt.status, calls, a.Raw)
		}
	}
}

// The recorded cases of the existing relay. It asked an API that Microsoft ends in
// 2026, so only the errors can be compared.
func TestRecorded(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/recorded/microsoft-graph-security.json")
	if err != nil {
		t.Skip("there are no recorded cases here")
	}
	var file struct {
		Cases []struct {
			Test, Route string
			Request     json.RawMessage
			ThirdParty  []struct {
				Status int
				Answer json.RawMessage
			} `json:"third_party"`
			Expected struct {
				Data   json.RawMessage
				Errors []struct{ Code, Message string }
			}
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) == 0 {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		last := c.ThirdParty[len(c.ThirdParty)-1]
		r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(last.Status)
			_, _ = w.Write(last.Answer)
		}))
		a := r.Post(t.Context(), t, c.Route, c.Request)
		if len(c.Expected.Errors) == 0 {
			if string(a.Data) != `{"status":"ok"}` || len(a.Errors) > 0 {
				t.Errorf("%s: %s", c.Test, a.Raw)
			}
			continue
		}
		want := c.Expected.Errors[0]
		if len(a.Errors) != 1 || string(a.Errors[0].Code) != want.Code {
			t.Errorf("%s: want %v, got %s", c.Test, want, a.Raw)
		}
		if _, words, ok := strings.Cut(want.Message, "AADSTS"); ok && !strings.Contains(a.Raw, words) {
			t.Errorf("%s: want %q in %s", c.Test, words, a.Raw)
		}
	}
}
