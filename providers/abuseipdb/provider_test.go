package abuseipdb

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// key is the caller's credential. It must not come out.
const key = "s3cr3t-key"

// now is the time of the tests that need one.
var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

type gate map[string]any

func (g gate) Authenticate(*http.Request) (relay.Claims, error) { return relay.NewClaims(g), nil }

// clear takes the settings out of the environment: a developer may have some.
func clear(t *testing.T) {
	t.Helper()
	for _, name := range []string{"ABUSEIPDB_URL", "ABUSEIPDB_MAX_AGE", "ABUSEIPDB_TIMEOUT"} {
		t.Setenv(name, "") // counts as not set
	}
}

// options are for a relay to an AbuseIPDB of a test's own.
type options struct {
	change func(*upstream.Options)
	claims gate
	log    *zap.Logger
}

func newRelay(t *testing.T, o options) *server.Server {
	t.Helper()
	settings := Settings{MaxAge: 30}
	u := settings.Upstream()
	u.Retries = -1
	o.change(&u)
	c, err := upstream.New(u)
	if err != nil {
		t.Fatal(err)
	}
	p := New(settings, c)
	if o.claims == nil {
		o.claims = gate{"key": key}
	}
	return server.New(server.Options{Declaration: Provider.Declaration(), Service: p, Authenticator: o.claims, Log: o.log, Now: func() time.Time { return now }})
}

// inProcess answers without a network.
func inProcess(t *testing.T, h http.HandlerFunc) func(*upstream.Options) {
	t.Helper()
	at, err := upstream.ParseAddress("https://api.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return func(o *upstream.Options) { o.Address, o.Transport = at, upstreamtest.Transport(h) }
}

// onNetwork answers by a server.
func onNetwork(t *testing.T, h http.HandlerFunc) func(*upstream.Options) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	at, err := upstream.ParseAddress(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *upstream.Options) { o.Address = at }
}

// file answers with a file of testdata.
func file(t *testing.T, name string) http.HandlerFunc {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
}

// answer is an envelope as a test reads it.
type answer struct {
	Data   json.RawMessage
	Errors []relay.Error
	raw    string
}

func (a answer) codes() string {
	var all []string
	for _, e := range a.Errors {
		all = append(all, string(e.Type)+" "+string(e.Code))
	}
	return strings.Join(all, ", ")
}

type doc = map[string]any

// docs are the entities of an answer by kind.
func (a answer) docs(t *testing.T) map[string][]doc {
	t.Helper()
	var data map[string]struct{ Docs []doc }
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("%v in %s", err, a.raw)
	}
	out := map[string][]doc{}
	for kind, docs := range data {
		out[kind] = docs.Docs
	}
	return out
}

// ask posts observables to a route, and checks what is true of every answer.
func ask(t *testing.T, r *server.Server, route string, observables ...ctim.Observable) answer {
	t.Helper()
	body, _ := json.Marshal(observables)
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, route, bytes.NewReader(body)))
	for _, p := range rules.Answer(route, w.Body.Bytes()) {
		t.Errorf("%s: %s", route, p)
	}
	a := answer{raw: w.Body.String()}
	if strings.Contains(a.raw, key) {
		t.Errorf("%s gives the key away: %s", route, a.raw)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v in %s", err, a.raw)
	}
	return a
}

func ip(value string) ctim.Observable { return ctim.Observable{Type: ctim.TypeIP, Value: value} }

func TestQuestion(t *testing.T) {
	for _, tt := range []struct {
		route string
		o     ctim.Observable
		want  string
	}{
		{"/observe/observables", ip("203.0.113.77"), "ipAddress=203.0.113.77&maxAgeInDays=30&verbose=true"},
		{"/deliberate/observables", ip("203.0.113.77"), "ipAddress=203.0.113.77&maxAgeInDays=30"},
		{"/deliberate/observables", ctim.Observable{Type: ctim.TypeIPv6, Value: "2001:DB8:0::1"}, "ipAddress=2001%3Adb8%3A%3A1&maxAgeInDays=30"},
		{"/deliberate/observables", ctim.Observable{Type: ctim.TypeIPv6, Value: "::ffff:203.0.113.77"}, "ipAddress=203.0.113.77&maxAgeInDays=30"},
		{"/health", ctim.Observable{}, "ipAddress=127.0.0.1&maxAgeInDays=30"},
	} {
		var got []string
		r := newRelay(t, options{change: onNetwork(t, func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Key")+" "+r.Header.Get("Accept"), r.URL.RawQuery)
			file(t, "reported.json")(w, r)
		})})
		if a := ask(t, r, tt.route, tt.o); a.Errors != nil {
			t.Errorf("%s", a.raw)
		}
		if diff := cmp.Diff([]string{"GET /api/v2/check " + key + " application/json", tt.want}, got); diff != "" {
			t.Errorf("%s: %s", tt.route, diff)
		}
	}
}

func TestHealth(t *testing.T) {
	if a := ask(t, newRelay(t, options{change: inProcess(t, file(t, "reported.json"))}), "/health"); string(a.Data) != `{"status":"ok"}` {
		t.Error(a.raw)
	}
	a := ask(t, newRelay(t, options{change: inProcess(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"detail":"The key is unknown.","status":401}]}`))
	})}), "/health")
	want := relay.Error{Type: relay.Fatal, Code: relay.CodeAuthorization, Message: "AbuseIPDB refuses the credential (401). Check it in the module's settings. It says: The key is unknown."}
	if string(a.Data) != `{"status":"error"}` || len(a.Errors) != 1 || a.Errors[0].Message != want.Message || a.Errors[0].Code != want.Code {
		t.Error(a.raw)
	}
}

// A key that can't be sent is found before any call, on every route.
func TestAKeyThatCanNotBeSent(t *testing.T) {
	var asked atomic.Int32
	for _, bad := range []string{"kéy", "k\ney", "k\x00ey", "\u200bkey"} {
		r := newRelay(t, options{claims: gate{"key": bad}, change: inProcess(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })})
		for _, route := range []string{"/health", "/deliberate/observables", "/observe/observables", "/refer/observables"} {
			if a := ask(t, r, route, ip("203.0.113.77")); a.codes() != "fatal authorization error" {
				t.Errorf("%q, %s: %s", bad, route, a.raw)
			}
		}
	}
	if asked.Load() != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestObserve(t *testing.T) {
	r := newRelay(t, options{change: inProcess(t, file(t, "reported.json"))})
	a := ask(t, r, "/observe/observables", ip("203.0.113.77"))
	if a.Errors != nil {
		t.Fatal(a.raw)
	}
	if again := ask(t, r, "/observe/observables", ip("203.0.113.77")); again.raw != a.raw {
		t.Errorf("the same question has another answer: %s", cmp.Diff(a.raw, again.raw))
	}
	docs := a.docs(t)
	pick := func(kind string, fields ...string) (out [][]any) {
		for _, d := range docs[kind] {
			row := make([]any, len(fields))
			for i, f := range fields {
				row[i] = d[f]
			}
			out = append(out, row)
		}
		return out
	}
	span := func(start, end string) doc { return doc{"start_time": start, "end_time": end} }
	page := "https://www.abuseipdb.com/check/203.0.113.77"
	for kind, tt := range map[string]struct {
		fields []string
		want   [][]any
	}{
		"judgements": {[]string{"disposition_name", "priority", "severity", "confidence", "reason", "valid_time", "source", "source_uri"}, [][]any{
			{"Malicious", 90.0, "Medium", "High", "Abuse confidence score 86%: 5 reports by 3 users in 30 days", span("2026-11-20T00:00:00.000Z", "2026-12-20T00:00:00.000Z"), "AbuseIPDB", page},
			{"Malicious", 85.0, "Medium", "Medium", "Brute-Force, SSH", span("2026-11-20T08:15:30.000Z", "2026-11-27T08:15:30.000Z"), "AbuseIPDB", page},
			{"Malicious", 85.0, "Medium", "Medium", "SSH, AbuseIPDB category 99", span("2026-11-19T12:00:00.000Z", "2026-11-26T12:00:00.000Z"), "AbuseIPDB", page},
			{"Malicious", 85.0, "Medium", "Medium", "Port Scan", span("2026-11-18T23:59:59.000Z", "2026-11-25T23:59:59.000Z"), "AbuseIPDB", page},
		}},
		"sightings": {[]string{"title", "description", "count", "observed_time"}, [][]any{
			{"Reported to AbuseIPDB", "sshd: failed password for admin\nsshd: failed password for root", 1.0, span("2026-11-20T08:15:30.000Z", "2026-11-20T08:15:30.000Z")},
			{"Reported to AbuseIPDB", nil, 1.0, span("2026-11-19T12:00:00.000Z", "2026-11-19T12:00:00.000Z")},
			{"Reported to AbuseIPDB", "Scanned 40 ports in a minute", 1.0, span("2026-11-18T23:59:59.000Z", "2026-11-18T23:59:59.000Z")},
		}},
		"indicators": {[]string{"title", "external_ids", "producer"}, [][]any{
			{"Brute-Force", []any{"18"}, "AbuseIPDB"}, {"SSH", []any{"22"}, "AbuseIPDB"}, {"AbuseIPDB category 99", []any{"99"}, "AbuseIPDB"}, {"Port Scan", []any{"14"}, "AbuseIPDB"},
		}},
		"verdicts": {[]string{"disposition_name", "judgement_id"}, [][]any{{"Malicious", docs["judgements"][0]["id"]}}},
	} {
		if diff := cmp.Diff(tt.want, pick(kind, tt.fields...)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	wantRelation := []any{doc{
		"origin": "AbuseIPDB", "origin_uri": page, "relation": "Resolved_To",
		"source": doc{"type": "domain", "value": "fjord-hosting.example"}, "related": doc{"type": "ip", "value": "203.0.113.77"},
	}}
	for _, s := range docs["sightings"] {
		if diff := cmp.Diff(wantRelation, s["relations"]); diff != "" {
			t.Error(diff)
		}
	}
	for _, i := range docs["indicators"] {
		references, _ := i["external_references"].([]any)
		if len(references) != 1 || references[0].(doc)["url"] != "https://www.abuseipdb.com/categories" || references[0].(doc)["external_id"] != i["external_ids"].([]any)[0] {
			t.Errorf("references %v", references)
		}
	}
	// Each report stands on each of its categories.
	titles := map[any]string{}
	for kind, field := range map[string]string{"judgements": "reason", "sightings": "observed_time", "indicators": "title"} {
		for _, d := range docs[kind] {
			titles[d["id"]] = fmt.Sprint(d[field])
		}
	}
	var got []string
	for _, d := range docs["relationships"] {
		got = append(got, titles[d["source_ref"]]+" "+d["relationship_type"].(string)+" "+titles[d["target_ref"]])
	}
	slices.Sort(got)
	want := []string{
		"Brute-Force, SSH based-on Brute-Force", "Brute-Force, SSH based-on SSH", "Port Scan based-on Port Scan", "SSH, AbuseIPDB category 99 based-on AbuseIPDB category 99", "SSH, AbuseIPDB category 99 based-on SSH",
	}
	for _, s := range []struct{ at, of string }{{"2026-11-18T23:59:59.000Z", "Port Scan"}, {"2026-11-19T12:00:00.000Z", "AbuseIPDB category 99"}, {"2026-11-19T12:00:00.000Z", "SSH"}, {"2026-11-20T08:15:30.000Z", "Brute-Force"}, {"2026-11-20T08:15:30.000Z", "SSH"}} {
		want = append(want, fmt.Sprint(span(s.at, s.at))+" sighting-of "+s.of)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVerdicts(t *testing.T) {
	for _, tt := range []struct {
		data string
		want string // the disposition, empty for no verdict
	}{
		{`"abuseConfidenceScore":100,"totalReports":9`, "Malicious High"},
		{`"abuseConfidenceScore":86,"totalReports":1`, "Malicious High"},
		{`"abuseConfidenceScore":85,"totalReports":1`, "Suspicious Medium"},
		{`"abuseConfidenceScore":1,"totalReports":0`, "Suspicious Medium"},
		{`"abuseConfidenceScore":0,"totalReports":1`, "Suspicious Low"},
		{`"abuseConfidenceScore":0,"totalReports":0`, ""},
		{`"abuseConfidenceScore":0,"totalReports":0,"isWhitelisted":true`, "Clean Medium"},
		{`"abuseConfidenceScore":100,"totalReports":9,"isWhitelisted":true`, "Clean Medium"},
		{`"abuseConfidenceScore":100,"totalReports":9,"isWhitelisted":null,"domain":null,"reports":null`, "Malicious High"},
		{`"abuseConfidenceScore":100,"totalReports":1,"isWhitelisted":true,"reports":[{"reportedAt":"2026-11-20T08:00:00+00:00","categories":[18]}]`, "Clean Medium"},
		{`"abuseConfidenceScore":20,"totalReports":1,"reports":[{"reportedAt":"2026-11-20T08:00:00+00:00","categories":[18]}]`, "Suspicious Medium"},
	} {
		r := newRelay(t, options{change: inProcess(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"data":{%s}}`, tt.data) })})
		observed := ask(t, r, "/observe/observables", ip("203.0.113.77")).docs(t)
		deliberated := ask(t, r, "/deliberate/observables", ip("203.0.113.77")).docs(t)
		if diff := cmp.Diff(observed["verdicts"], deliberated["verdicts"]); diff != "" {
			t.Errorf("%s: the routes differ: %s", tt.data, diff)
		}
		got := ""
		for _, v := range observed["verdicts"] {
			i := slices.IndexFunc(observed["judgements"], func(j doc) bool { return j["id"] == v["judgement_id"] })
			if i < 0 {
				t.Fatalf("%s: the verdict's judgement is not there", tt.data)
			}
			got += v["disposition_name"].(string) + " " + observed["judgements"][i]["confidence"].(string)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.data, got, tt.want)
		}
	}
}

func TestWhatIsNotPublicIsNotSentOut(t *testing.T) {
	var asked atomic.Int32
	r := newRelay(t, options{change: inProcess(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		file(t, "reported.json")(w, r)
	})})
	var all []ctim.Observable
	for _, value := range []string{"10.1.2.3", "192.168.0.1", "172.16.9.9", "127.0.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "203.0.113.0/24", "not an address", "203.0.113.77 ", "300.1.1.1"} {
		all = append(all, ip(value))
	}
	for _, value := range []string{"::1", "::", "fe80::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "fe80::1%eth0", "64:ff9b::a00:1"} {
		all = append(all, ctim.Observable{Type: ctim.TypeIPv6, Value: value})
	}
	for _, route := range []string{"/observe/observables", "/deliberate/observables", "/refer/observables"} {
		asked.Store(0)
		a := ask(t, r, route, all...)
		want := int32(1) // of which the space at the end is not part
		if route == "/refer/observables" {
			want = 0
		}
		if a.Errors != nil || asked.Load() != want || !strings.Contains(a.raw, "203.0.113.77") {
			t.Errorf("%s: %d calls, %s", route, asked.Load(), a.raw)
		}
	}
}

func TestRefer(t *testing.T) {
	r := newRelay(t, options{change: inProcess(t, func(http.ResponseWriter, *http.Request) { t.Error("asked for a link") })})
	a := ask(t, r, "/refer/observables", ip("203.0.113.77"), ctim.Observable{Type: ctim.TypeIPv6, Value: "2001:DB8::0:1"}, ip("10.0.0.1"))
	var got []relay.Link
	if err := json.Unmarshal(a.Data, &got); err != nil {
		t.Fatal(err)
	}
	link := func(id, address string) relay.Link {
		return relay.Link{ID: id, Title: "Open AbuseIPDB", Description: "See who reported this IP address to AbuseIPDB, and for what", URL: "https://www.abuseipdb.com/check/" + address, Categories: []string{"Search", "AbuseIPDB"}}
	}
	if diff := cmp.Diff([]relay.Link{link("ref-abuseipdb-ip-203.0.113.77", "203.0.113.77"), link("ref-abuseipdb-ipv6-2001:db8::1", "2001:db8::1")}, got); diff != "" {
		t.Error(diff)
	}
}

// Of many reports the newest count, as many as the caller wants.
func TestTheNewestReportsCount(t *testing.T) {
	var reports []string
	for i := range 1000 {
		minute := (i * 7) % 1000 // in no order
		reports = append(reports, fmt.Sprintf(`{"reportedAt":%q,"comment":%q,"categories":[18,22,%d]}`, now.Add(-time.Duration(minute)*time.Minute).Format(time.RFC3339), strconv.Itoa(minute), minute%5+1))
	}
	body := fmt.Sprintf(`{"data":{"abuseConfidenceScore":100,"totalReports":1000,"reports":[%s]}}`, strings.Join(reports, ","))
	for limit, want := range map[any]int{nil: 100, "10": 10, 1: 1, "0": 100, "5000": 1000, "1000000": 1000} {
		claims := gate{"key": key}
		if limit != nil {
			claims["CTR_ENTITIES_LIMIT"] = fmt.Sprint(limit)
		}
		r := newRelay(t, options{claims: claims, change: inProcess(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })})
		docs := ask(t, r, "/observe/observables", ip("203.0.113.77")).docs(t)
		var got, wanted []string
		for _, s := range docs["sightings"] {
			got = append(got, s["description"].(string))
		}
		for i := range want {
			wanted = append(wanted, strconv.Itoa(i))
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("limit %v: %s", limit, diff)
		}
		if len(docs["indicators"]) != min(want, 7) || len(docs["verdicts"]) != 1 {
			t.Errorf("limit %v: %d indicators, %d verdicts", limit, len(docs["indicators"]), len(docs["verdicts"]))
		}
	}
}

// Of many observables each has its share, and the caller is told.
func TestACrowdedAnswer(t *testing.T) {
	var reports []string
	for i := range 20 {
		reports = append(reports, fmt.Sprintf(`{"reportedAt":%q,"comment":"%d"}`, now.Add(-time.Duration(i)*time.Minute).Format(time.RFC3339), i))
	}
	body := fmt.Sprintf(`{"data":{"abuseConfidenceScore":100,"totalReports":20,"reports":[%s]}}`, strings.Join(reports, ","))
	for _, tt := range []struct {
		observables int
		limit       string
		want        int
		warned      bool
	}{
		{100, "", 15, true}, {75, "", 20, false}, {100, "10", 10, false}, {1, "", 20, false},
	} {
		r := newRelay(t, options{claims: gate{"key": key, "CTR_ENTITIES_LIMIT": tt.limit}, change: inProcess(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })})
		a := ask(t, r, "/observe/observables", addresses(tt.observables)...)
		if got := len(a.docs(t)["sightings"]); got != tt.want*tt.observables {
			t.Errorf("%+v: %d sightings", tt, got)
		}
		if a.codes() != map[bool]string{true: "warning invalid argument"}[tt.warned] {
			t.Errorf("%+v: %v", tt, a.Errors)
		}
	}
}

// What every third party does wrong becomes the right error, and no log tells
// the key or what was asked about.
func TestFaults(t *testing.T) {
	faults := append(upstreamtest.Faults(),
		upstreamtest.Fault{Name: "has no data", Serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }, Code: relay.CodeServiceUnavailable},
		upstreamtest.Fault{Name: "has null for data", Serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":null}`)) }, Code: relay.CodeServiceUnavailable},
		upstreamtest.Fault{Name: "has no score", Serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":{"totalReports":1}}`)) }, Code: relay.CodeServiceUnavailable},
		upstreamtest.Fault{Name: "has words for a score", Serve: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"data":{"abuseConfidenceScore":"high"}}`))
		}, Code: relay.CodeServiceUnavailable})
	for _, fault := range faults {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			network := onNetwork(t, fault.Serve)
			r := newRelay(t, options{log: logging.New(&log, zap.DebugLevel), change: func(o *upstream.Options) {
				network(o)
				o.Timeout = fault.Timeout()
			}})
			for _, route := range []string{"/health", "/deliberate/observables", "/observe/observables"} {
				if a := ask(t, r, route, ip("203.0.113.77")); a.codes() != "fatal "+string(fault.Code) || !strings.Contains(a.Errors[0].Message, "AbuseIPDB") {
					t.Errorf("%s: got %s, want %s", route, a.raw, fault.Code)
				}
			}
			if strings.Contains(log.String(), key) || strings.Contains(log.String(), "203.0.113.77") {
				t.Errorf("the log tells too much: %s", log.String())
			}
		})
	}
}

func TestAQuestionThatAbuseIPDBCanNotAnswer(t *testing.T) {
	r := newRelay(t, options{change: inProcess(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"errors":[{"detail":"no","status":422}]}`))
	})})
	for _, route := range []string{"/deliberate/observables", "/observe/observables"} {
		if a := ask(t, r, route, ip("203.0.113.77")); a.raw != `{"data":{}}` {
			t.Errorf("%s: %s", route, a.raw)
		}
	}
}

// When the quota is used up, one call finds out and the rest aren't made.
func TestTheQuotaIsUsedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		r := newRelay(t, options{change: inProcess(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			w.Header().Set("Retry-After", "29241")
			w.WriteHeader(http.StatusTooManyRequests)
			file(t, "error.json")(w, r)
		})})
		a := ask(t, r, "/deliberate/observables", addresses(100)...)
		want := "AbuseIPDB got too many requests. Ask again in 9 hours. It says: You are over the limit of 1,000 checks a day."
		if a.codes() != "fatal too many requests" || !strings.HasPrefix(a.Errors[0].Message, want) {
			t.Error(a.raw)
		}
		if asked.Load() > server.DefaultConcurrency {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

// addresses are n public ones.
func addresses(n int) []ctim.Observable {
	out := make([]ctim.Observable, n)
	for i := range out {
		out[i] = ip("203.0.113." + strconv.Itoa(i))
	}
	return out
}

// wait is a third party that takes its time, and for one address all of it.
func wait(t *testing.T, each time.Duration, hangs string) http.HandlerFunc {
	found := file(t, "reported.json")
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("ipAddress") == hangs {
			<-r.Context().Done()
			return
		}
		time.Sleep(each) // of the bubble's time
		found(w, r)
	}
}

func TestAHundredObservables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay(t, options{change: inProcess(t, wait(t, 200*time.Millisecond, ""))})
		start := time.Now()
		docs := ask(t, r, "/observe/observables", addresses(100)...).docs(t)
		if took := time.Since(start); took > 2500*time.Millisecond || len(docs["verdicts"]) != 100 {
			t.Errorf("%d verdicts took %v", len(docs["verdicts"]), took)
		}
	})
}

func TestOneObservableHangs(t *testing.T) {
	for _, within := range []time.Duration{time.Minute, 5 * time.Second} { // AbuseIPDB's time limit, or Lambda's
		synctest.Test(t, func(t *testing.T) {
			r := newRelay(t, options{change: inProcess(t, wait(t, 200*time.Millisecond, "203.0.113.50"))})
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			body, _ := json.Marshal(addresses(100))
			w := httptest.NewRecorder()
			r.Routes().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/observe/observables", bytes.NewReader(body)))
			a := answer{raw: w.Body.String()}
			if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
				t.Fatal(err)
			}
			if got := len(a.docs(t)["verdicts"]); got != 99 || a.codes() != "error timeout" || !strings.Contains(a.Errors[0].Message, "203.0.113.50") {
				t.Errorf("%d verdicts, errors %+v", got, a.Errors)
			}
		})
	}
}
