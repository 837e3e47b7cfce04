package guardduty

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
)

func TestMain(m *testing.M) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// The claims of most tests.
var claims = map[string]any{"region": "eu-west-1", "access_key_id": "AKIAEXAMPLE", "secret_access_key": "s3cr3t-secret_access_key"}

var prober = ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.77"}

// probe is a finding about prober.
const probe = `{"id":"f1","type":"Recon:EC2/PortProbeUnprotectedPort","title":"An unprotected port is being probed.","severity":5,"updatedAt":"1999-12-30T00:00:00Z",
	"resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-1","networkInterfaces":[{"privateIpAddress":"10.0.0.5"}]}},
	"service":{"archived":false,"count":3,"eventFirstSeen":"1999-12-29T00:00:00Z","eventLastSeen":"1999-12-30T00:00:00Z",
	"action":{"actionType":"PORT_PROBE","portProbeAction":{"portProbeDetails":[{"localPortDetails":{"port":22,"portName":"SSH"},"localIpDetails":{"ipAddressV4":"10.0.0.5"},
	"remoteIpDetails":{"ipAddressV4":"198.51.100.77","geoLocation":{"lat":50.5,"lon":30.5}}}]}}}}`

// listing is the body of a request for IDs.
type listing struct {
	FindingCriteria struct {
		Criterion map[string]struct {
			Equals             []string
			GreaterThanOrEqual int64
		}
	}
	MaxResults int
	NextToken  string
}

// standIn has one detector with the findings. All of them meet criteria about tiles,
// and those that contain the value meet one about an observable.
type standIn struct {
	findings []string
	// seen are the requests.
	mu   sync.Mutex
	seen []string
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.seen = append(s.seen, r.Method+" "+r.URL.Path+" "+string(body))
	s.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIA") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /detector":
		_, _ = io.WriteString(w, `{"detectorIds":["d1"]}`)
	case "GET /detector/d1":
		_, _ = io.WriteString(w, `{"status":"ENABLED"}`)
	case "POST /detector/d1/findings":
		var asked listing
		if json.Unmarshal(body, &asked) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.list(w, asked)
	case "POST /detector/d1/findings/get":
		var asked struct{ FindingIDs []string }
		_ = json.Unmarshal(body, &asked)
		var found []string
		for _, f := range s.findings {
			if slices.Contains(asked.FindingIDs, id(f)) {
				found = append(found, f)
			}
		}
		_, _ = fmt.Fprintf(w, `{"findings":[%s]}`, strings.Join(found, ","))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *standIn) list(w io.Writer, asked listing) {
	var ids []string
	for _, f := range s.findings {
		meets := true
		for attribute, c := range asked.FindingCriteria.Criterion {
			_, last, _ := strings.Cut(attribute, "portProbeDetails.")
			if attribute != "updatedAt" && attribute != "service.archived" {
				has := slices.ContainsFunc(c.Equals, func(value string) bool { return strings.Contains(f, `"`+value+`"`) })
				meets = meets && has && (last != "" || !strings.Contains(attribute, "Ip"))
			}
		}
		if meets {
			ids = append(ids, strconv.Quote(id(f)))
		}
	}
	start, _ := strconv.Atoi(asked.NextToken)
	end, next := min(start+asked.MaxResults, len(ids)), ""
	if end < len(ids) {
		next = strconv.Itoa(end)
	}
	_, _ = fmt.Fprintf(w, `{"findingIds":[%s],"nextToken":%q}`, strings.Join(ids[start:end], ","), next)
}

func id(finding string) string {
	var f struct{ ID string }
	_ = json.Unmarshal([]byte(finding), &f)
	return f.ID
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, &standIn{findings: []string{probe}}, prober,
		relaytest.Options{Claims: claims, Internal: true, Time: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

// serve serves the provider with these findings.
func serve(t *testing.T, findings ...string) (*relaytest.Relay, *standIn) {
	t.Helper()
	s := &standIn{findings: findings}
	return relaytest.Serve(t, Provider, s, relaytest.Options{Claims: claims}), s
}

// with returns probe with parts replaced.
func with(replacements ...string) string { return strings.NewReplacer(replacements...).Replace(probe) }

func TestVerdicts(t *testing.T) {
	const listed = `"evidence":{"threatIntelligenceDetails":[{"threatListName":"A list"}]},"action":`
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01
		for name, tt := range map[string]struct {
			finding, want string
			o             ctim.Observable
		}{
			"medium":       {probe, "Suspicious Medium", prober},
			"a number":     {with(`"severity":5`, `"severity":"8.0"`), "Suspicious High", prober},
			"critical":     {with(`"severity":5`, `"severity":9.5`), "Suspicious Critical", prober},
			"low":          {with(`"severity":5`, `"severity":2`), "", prober},
			"missing":      {with(`"severity":5`, `"severity":null`), "", prober},
			"absurd":       {with(`"severity":5`, `"severity":"NaN"`), "", prober},
			"listed":       {with(`"severity":5`, `"severity":2`, `"action":`, listed), "Malicious Low", prober},
			"archived":     {with(`"archived":false`, `"archived":true`, `"action":`, listed), "", prober},
			"old":          {with("1999-12-30", "1999-11-30", "1999-12-29", "1999-11-29"), "", prober},
			"the instance": {with(`"action":`, listed), "", ctim.Observable{Type: ctim.TypeIP, Value: "10.0.0.5"}},
		} {
			r, _ := serve(t, tt.finding)
			a := r.Ask(t, "/observe/observables", tt.o)
			got := ""
			for _, v := range a.Docs(t, "verdicts") {
				got = fmt.Sprint(v["disposition_name"], " ", a.Docs(t, "judgements")[0]["severity"])
			}
			if got != tt.want || len(a.Errors) > 0 || len(a.Docs(t, "sightings")) != 1 {
				t.Errorf("%s: got %q, want %q in %s", name, got, tt.want, a.Raw)
			}
		}
	})
}

// A finding that GuardDuty describes in another shape than documented is shown as far
// as it can be read.
func TestOtherShapes(t *testing.T) {
	for name, finding := range map[string]string{
		"nothing":  `{"id":"f1","x":"198.51.100.77"}`,
		"nulls":    `{"id":"f1","type":null,"title":null,"severity":null,"resource":null,"service":{"action":null,"evidence":null,"count":null},"x":"198.51.100.77"}`,
		"strings":  `{"id":"f1","severity":"5","service":{"count":"7","archived":"false","eventLastSeen":"yesterday"},"x":"198.51.100.77"}`,
		"negative": `{"id":"f1","severity":-5,"service":{"count":-7},"x":"198.51.100.77"}`,
		"huge":     `{"id":"f1","severity":1e400,"service":{"count":1e300},"x":"198.51.100.77"}`,
		"reversed": with(`"eventFirstSeen":"1999-12-29`, `"eventFirstSeen":"2030-12-29`),
	} {
		r, _ := serve(t, finding)
		if a := r.Ask(t, "/observe/observables", prober); len(a.Errors) > 0 || len(a.Docs(t, "sightings")) != 1 {
			t.Errorf("%s: %s", name, a.Raw)
		}
		for _, tile := range tiles {
			form := map[string]string{"tile_id": tile.ID, "period": "last_7_days"}
			if a := r.Post(t.Context(), t, "/tiles/tile-data", form); len(a.Errors) > 0 {
				t.Errorf("%s: %s: %s", name, tile.ID, a.Raw)
			}
		}
	}
}

// Each tile shows its data for each of its periods, also if there is none.
func TestTiles(t *testing.T) {
	for _, findings := range [][]string{nil, {probe}} {
		r, _ := serve(t, findings...)
		for _, tile := range tiles {
			for _, period := range tile.Periods {
				a := r.Post(t.Context(), t, "/tiles/tile-data", map[string]string{"tile_id": tile.ID, "period": string(period)})
				if len(a.Errors) > 0 {
					t.Errorf("%s, %s: %s", tile.ID, period, a.Raw)
				}
			}
		}
	}
}

// The donut has no types of instances that it doesn't show.
func TestInstances(t *testing.T) {
	var all []finding
	for i := range 21 {
		f := finding{Type: "Recon"}
		f.Resource.InstanceDetails.InstanceID = lenient.Text(fmt.Sprint("i-", 10+i))
		if i == 20 {
			f.Type = "Backdoor"
		}
		all = append(all, f)
	}
	donut := instances(time.Time{}, time.Time{}, all).(relay.Donut)
	if ids, kinds := donut.Labels[0], donut.Labels[1]; len(ids) != 20 || len(donut.Slices) != 20 || !slices.Equal(kinds, []string{"Recon"}) {
		t.Errorf("%d slices, labels %v and %v", len(donut.Slices), ids, kinds)
	}
}

// The tiles leave archived findings out, and a day is a whole one.
func TestTileCriteria(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01T00:00:00Z
		for id, want := range map[string]string{
			"total_events":                "service.archived=false updatedAt>=1999-12-25T00:00:00Z",
			"events_per_day":              "service.archived=false updatedAt>=1999-12-26T00:00:00Z",
			"affected_instances":          "resource.resourceType=Instance service.archived=false updatedAt>=1999-12-25T00:00:00Z",
			"port_probe_source_countries": "service.action.actionType=PORT_PROBE service.archived=false updatedAt>=1999-12-25T00:00:00Z",
		} {
			r, s := serve(t, probe)
			r.Post(t.Context(), t, "/tiles/tile-data", map[string]string{"tile_id": id, "period": "last_7_days"})
			if got := conditions(t, s.seen[1]); got != want {
				t.Errorf("%s: got %s, want %s", id, got, want)
			}
		}
	})
}

// The addresses of the pages are those in AWS's documentation.
func TestPages(t *testing.T) {
	a := relaytest.Serve(t, Provider, &standIn{}, relaytest.Options{Claims: claims}).Ask(t, "/refer/observables", prober, ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"})
	for _, page := range []string{
		`eu-west-1.console.aws.amazon.com/detective/home?region=eu-west-1#entities/IpAddress/198.51.100.77"`,
		`eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?macros=all`,
	} {
		if !strings.Contains(a.Raw, page) {
			t.Errorf("%s is not in %s", page, a.Raw)
		}
	}
}

// Searches stop at the limit of entities.
func TestPaging(t *testing.T) {
	var findings []string
	for i := range 120 {
		findings = append(findings, with(`"f1"`, fmt.Sprintf(`"f%d"`, i), "Z", fmt.Sprintf(".%03dZ", i)))
	}
	for limit, want := range map[string]struct{ sightings, lists, gets int }{
		"1": {1, 7, 1}, "50": {50, 7, 1}, "51": {51, 8, 2}, "110": {110, 9, 3}, "500": {120, 9, 3},
	} {
		s := &standIn{findings: findings}
		limited := map[string]any{"CTR_ENTITIES_LIMIT": limit}
		for name, value := range claims {
			limited[name] = value
		}
		a := relaytest.Serve(t, Provider, s, relaytest.Options{Claims: limited}).Ask(t, "/observe/observables", prober)
		if n := len(a.Docs(t, "sightings")); n != want.sightings || len(a.Errors) > 0 {
			t.Errorf("limit %s: %d sightings, %v", limit, n, a.Errors)
		}
		if lists, gets := s.count("/findings {"), s.count("/findings/get {"); lists != want.lists || gets != want.gets {
			t.Errorf("limit %s: %d lists and %d gets, want %+v", limit, lists, gets, want)
		}
	}
}

func (s *standIn) count(part string) (n int) {
	for _, line := range s.seen {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

// Many observables are searched for together. If there are too many findings for that,
// or one of the observables makes the search fail, they are searched for one by one.
func TestBatches(t *testing.T) {
	noisy := []string{with("198.51.100.77", "198.51.100.1")}
	for i := range 150 {
		noisy = append(noisy, with(`"f1"`, fmt.Sprintf(`"n%d"`, i)))
	}
	for name, tt := range map[string]struct {
		findings    []string
		broken      string
		observables int
		want        string
	}{
		"few":    {[]string{with("198.51.100.77", "198.51.100.1"), with(`"f1"`, `"f2"`)}, "", 100, "2 sightings, 14 lists, 2 gets"},
		"noisy":  {noisy, "", 80, "19 sightings, 225 lists, 4 gets"}, // only those with the noisy one are asked about alone
		"broken": {noisy[:1], `"198.51.100.3"`, 10, "1 sightings, 63 lists, 1 gets, error invalid argument"},
	} {
		s := &standIn{findings: tt.findings}
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if tt.broken != "" && strings.Contains(string(body), tt.broken) {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			s.ServeHTTP(w, r)
		}), relaytest.Options{Claims: claims})
		a := r.Ask(t, "/observe/observables", relaytest.Many(ctim.TypeIP, tt.observables)...)
		got := fmt.Sprintf("%d sightings, %d lists, %d gets", len(a.Docs(t, "sightings")), s.count("/findings {"), s.count("/findings/get {"))
		if len(a.Errors) > 0 {
			got += ", " + a.Codes()
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestAHundredObservables(t *testing.T) {
	all := append(relaytest.Many(ctim.TypeIP, 99), ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"})
	known := &standIn{findings: []string{with("198.51.100.77", "203.0.113.77")}}
	a := relaytest.Slow(t, Provider, known, relaytest.Options{Claims: claims}, 2500*time.Millisecond, all...)
	if n := len(a.Docs(t, "verdicts")); n != 1 {
		t.Errorf("%d verdicts", n)
	}
}

// A token that never ends stops the search.
func TestEndlessPages(t *testing.T) {
	s := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/detector" {
			_, _ = io.WriteString(w, `{"detectorIds":["d1"]}`)
			return
		}
		_, _ = io.WriteString(w, `{"findingIds":[],"nextToken":"again"}`)
	})
	if a := relaytest.Serve(t, Provider, s, relaytest.Options{Claims: claims}).Ask(t, "/observe/observables", prober); len(a.Errors) > 0 {
		t.Error(a.Raw)
	}
}

// conditions returns the criteria of a request for IDs.
func conditions(t *testing.T, request string) string {
	t.Helper()
	var asked listing
	if err := json.Unmarshal([]byte(request[strings.Index(request, "{"):]), &asked); err != nil {
		t.Fatal(err)
	}
	var all []string
	for name, c := range asked.FindingCriteria.Criterion {
		if c.GreaterThanOrEqual > 0 {
			all = append(all, name+">="+ctim.At(time.UnixMilli(c.GreaterThanOrEqual).UTC()).Format("2006-01-02T15:04:05Z07:00"))
		} else {
			all = append(all, name+"="+strings.Join(c.Equals, ","))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// Keys that GuardDuty refuses are not tried again in the same request, except by calls
// that are already on their way.
func TestRefusedKeys(t *testing.T) {
	var calls atomic.Int32
	s := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message":"The security token included in the request is invalid."}`)
	})
	a := relaytest.Serve(t, Provider, s, relaytest.Options{Claims: claims}).Ask(t, "/observe/observables", relaytest.Many(ctim.TypeIP, 50)...)
	const concurrent = 10
	if calls.Load() > concurrent || a.Errors[0].Code != relay.CodeAuthorization || !strings.Contains(a.Raw, "security token included") {
		t.Errorf("%d calls, %.500s", calls.Load(), a.Raw)
	}
}

// The relay's own credentials are used only if the operator allows it.
func TestOwnCredentials(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t-own")
	t.Setenv("AWS_SESSION_TOKEN", "s3cr3t-token")
	var asked *http.Request
	s := &standIn{findings: []string{probe}}
	third := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = r; s.ServeHTTP(w, r) })
	o := relaytest.Options{Claims: map[string]any{}}

	a := relaytest.Serve(t, Provider, third, o).Post(t.Context(), t, "/health", nil)
	if asked != nil || a.Codes() != "fatal authorization error" || !strings.Contains(a.Raw, "GUARDDUTY_OWN_CREDENTIALS") {
		t.Errorf("not allowed: %s", a.Raw)
	}

	t.Setenv("GUARDDUTY_OWN_CREDENTIALS", "true")
	r := relaytest.Serve(t, Provider, third, o)
	if a := r.Post(t.Context(), t, "/health", nil); len(a.Errors) > 0 {
		t.Fatal(a.Raw)
	}
	if asked.URL.Host != "guardduty.eu-central-1.amazonaws.com" || asked.Header.Get("X-Amz-Security-Token") != "s3cr3t-token" ||
		!strings.Contains(asked.Header.Get("Authorization"), "Credential=AKIAOWN/") {
		t.Errorf("asked %s with %v", asked.URL, asked.Header)
	}
	if a := relaytest.Serve(t, Provider, third, relaytest.Options{Claims: claims}).Post(t.Context(), t, "/health", nil); len(a.Errors) > 0 ||
		!strings.Contains(asked.Header.Get("Authorization"), "Credential=AKIAEXAMPLE/") || asked.Header.Get("X-Amz-Security-Token") != "" {
		t.Errorf("the caller's keys come first: %s %v", a.Raw, asked.Header)
	}
}

// Whatever a token names as region, keys go to AWS only.
func TestRegions(t *testing.T) {
	for _, region := range []string{"", "evil.example", "eu-west-1.evil.example/", "eu-west-1@evil.example", "EU-WEST-1", "eu-west-1\r\n", "eu west 1", "a-b-1"} {
		bad := map[string]any{"region": region, "access_key_id": "AKIAEXAMPLE", "secret_access_key": "s3cr3t"}
		third := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%q: asked %s", region, r.URL) })
		if region == "eu-west-1\r\n" {
			continue // claims are trimmed
		}
		r := relaytest.Serve(t, Provider, third, relaytest.Options{Claims: bad})
		if a := r.Ask(t, "/observe/observables", prober); a.Codes() != "fatal invalid argument" {
			t.Errorf("%q: %s", region, a.Raw)
		}
		if a := r.Ask(t, "/refer/observables", prober); len(a.Errors) > 0 || strings.Contains(a.Raw, "evil") {
			t.Errorf("%q: %s", region, a.Raw)
		}
	}
}

// The signature is for GuardDuty in the caller's region.
func TestSignature(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://guardduty.eu-west-1.amazonaws.com/detector/a%2Fb", nil)
	if err := sign(r, nil, relay.NewClaims(claims)); err != nil {
		t.Fatal(err)
	}
	got := r.Header.Get("Authorization")
	if !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/") || !strings.Contains(got, "/eu-west-1/guardduty/aws4_request, SignedHeaders=host;x-amz-date, Signature=") {
		t.Errorf("got %s", got)
	}
}

// A detector that doesn't make findings fails the health check.
func TestHealth(t *testing.T) {
	for body, want := range map[string]string{
		`{"detectorIds":["d1"],"status":"ENABLED"}`:  "",
		`{"detectorIds":["d1"],"status":"DISABLED"}`: "fatal service unavailable",
		`{"detectorIds":["d1"]}`:                     "fatal service unavailable",
		`{"detectorIds":[]}`:                         "fatal not found",
		`{"detectorIds":null}`:                       "fatal not found",
		`{}`:                                         "fatal not found",
	} {
		s := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		a := relaytest.Serve(t, Provider, s, relaytest.Options{Claims: claims}).Post(t.Context(), t, "/health", nil)
		if a.Codes() != want {
			t.Errorf("%s: got %s", body, a.Raw)
		}
	}
}
