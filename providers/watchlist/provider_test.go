package watchlist_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/threat"
)

// open accepts every request.
type open struct{}

func (open) Authenticate(*http.Request) (relay.Claims, error) { return relay.Claims{}, nil }

func settings(t *testing.T) watchlist.Settings {
	t.Helper()
	for _, name := range []string{"WATCHLIST_STORE", "WATCHLIST_TABLE", "WATCHLIST_READ_ONLY", "WATCHLIST_VALID_FOR", "WATCHLIST_SEARCH", "WATCHLIST_WHO_CLAIM"} {
		t.Setenv(name, "") // counts as not set
	}
	s, err := watchlist.LoadSettings()
	if err != nil {
		t.Fatal(err)
	}
	s.File = filepath.Join(t.TempDir(), "watchlist.db")
	return s
}

// serve returns a relay with a watchlist of these entries.
func serve(t *testing.T, entries ...entry.Entry) *server.Server {
	t.Helper()
	store, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	p := watchlist.New(settings(t), store)
	t.Cleanup(func() { _ = p.Close() })
	return server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: p, Authenticator: open{}})
}

// post sends observables to a route, and validates the response.
func post(t *testing.T, r *server.Server, route string, observables ...ctim.Observable) []byte {
	t.Helper()
	body, _ := json.Marshal(observables)
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, httptest.NewRequest(http.MethodPost, route, strings.NewReader(string(body))))
	for _, p := range rules.Answer(route, w.Body.Bytes()) {
		t.Errorf("%s: %s", route, p)
	}
	return w.Body.Bytes()
}

type doc = map[string]any

// observe returns the entities of a response by kind.
func observe(t *testing.T, r *server.Server, observables ...ctim.Observable) map[string][]doc {
	t.Helper()
	var answer struct {
		Data map[string]struct{ Docs []doc }
	}
	raw := post(t, r, "/observe/observables", observables...)
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	out := map[string][]doc{}
	for kind, docs := range answer.Data {
		out[kind] = docs.Docs
	}
	return out
}

func malicious(kind ctim.ObservableType, value string, more ...func(*entry.Entry)) entry.Entry {
	o, err := normalize.Observable(ctim.Observable{Type: kind, Value: value})
	if err != nil {
		panic(err)
	}
	e := entry.Entry{Observable: o, Disposition: ctim.Malicious, Priority: ctim.PriorityCurated, Source: "source"}
	for _, change := range more {
		change(&e)
	}
	return e
}

func subdomains(e *entry.Entry) { e.Subdomains = true }

func TestMatching(t *testing.T) {
	r := serve(t,
		malicious(ctim.TypeIP, "192.0.2.1"), malicious(ctim.TypeIP, "198.51.100.0/24"), malicious(ctim.TypeIPv6, "2001:db8::/32"), malicious(ctim.TypeIPv6, "2001:db9::1"),
		malicious(ctim.TypeDomain, "wide.example", subdomains), malicious(ctim.TypeDomain, "narrow.example"), malicious(ctim.TypeDomain, "bücher.example"),
		malicious(ctim.TypeURL, "http://host.example/a?b=c"), malicious(ctim.TypeMD5, strings.Repeat("ab", 16)), malicious(ctim.TypeEmail, "ann@evil.example"),
		malicious(ctim.TypeFileName, "Invoice.EXE"), malicious(ctim.TypeMutex, "Global\\X"),
	)
	for _, tt := range []struct {
		kind  ctim.ObservableType
		value string
		want  bool
	}{
		{ctim.TypeIP, "192.0.2.1", true}, {ctim.TypeIP, "192[.]0[.]2[.]1", true}, {ctim.TypeIP, "192.0.2.2", false},
		{ctim.TypeIP, "198.51.100.77", true}, {ctim.TypeIP, "198.51.101.1", false}, {ctim.TypeIP, "198.51.100.0/24", true},
		{ctim.TypeIPv6, "2001:DB8:1::1", true}, {ctim.TypeIPv6, "2001:db9:0:0::1", true}, {ctim.TypeIPv6, "2001:db9::2", false}, {ctim.TypeIPv6, "::ffff:192.0.2.1", true},
		{ctim.TypeDomain, "wide.example", true}, {ctim.TypeDomain, "a.b.wide.example", true}, {ctim.TypeDomain, "notwide.example", false}, {ctim.TypeHostname, "A.WIDE.example.", true},
		{ctim.TypeDomain, "narrow.example", true}, {ctim.TypeDomain, "www.narrow.example", false}, {ctim.TypeDomain, "example", false}, {ctim.TypeDomain, "xn--bcher-kva.example", true},
		{ctim.TypeURL, "hxxp://host[.]example/a?b=c#d", true}, {ctim.TypeURL, "http://host.example/a", false}, {ctim.TypeURL, "https://x.wide.example:8443/y", true}, {ctim.TypeURL, "http://narrow.example/", false},
		{ctim.TypeMD5, strings.Repeat("AB", 16), true}, {ctim.TypeSHA1, strings.Repeat("ab", 16), false}, {ctim.TypeEmail, "Ann@Evil.Example", true},
		{ctim.TypeFileName, "invoice.exe", true}, {ctim.TypeMutex, "Global\\X", true}, {ctim.TypeMutex, "global\\x", false},
		{ctim.TypeIP, "0", false}, {ctim.TypeIP, "*", false}, {ctim.TypeDomain, "%", false}, {ctim.TypeURL, strings.Repeat("x", 1<<20), false}, {ctim.TypeIP, "::1/0", false},
	} {
		t.Run(string(tt.kind)+" "+tt.value[:min(len(tt.value), 40)], func(t *testing.T) {
			o := ctim.Observable{Type: tt.kind, Value: tt.value}
			got := observe(t, r, o)
			if (len(got["verdicts"]) == 1) != tt.want {
				t.Fatalf("listed: %v, want %v", !tt.want, tt.want)
			}
			if !tt.want {
				return
			}
			// The platform finds entities by the observable that it asked about.
			if diff := cmp.Diff(doc{"type": string(o.Type), "value": o.Value}, got["verdicts"][0]["observable"]); diff != "" {
				t.Error(diff)
			}
			if deliberated := string(post(t, r, "/deliberate/observables", o)); !strings.Contains(deliberated, got["judgements"][0]["id"].(string)) {
				t.Errorf("deliberate says otherwise: %s", deliberated)
			}
		})
	}
}

func TestAGroupCountsOnlyWhole(t *testing.T) {
	site, address := ctim.Observable{Type: ctim.TypeDomain, Value: "cdn.example"}, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.9"}
	r := serve(t,
		malicious(ctim.TypeDomain, "cdn.example", func(e *entry.Entry) {
			e.With, e.FirstSeen = []ctim.Observable{address}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}),
		malicious(ctim.TypeIP, "192.0.2.9", func(e *entry.Entry) { e.With = []ctim.Observable{site} }),
	)
	if got := observe(t, r, site); len(got) != 0 {
		t.Errorf("half of it alone: %v", got)
	}
	got := observe(t, r, site, ctim.Observable{Type: ctim.TypeIP, Value: "192[.]0.2.9"})
	if len(got["verdicts"]) != 2 || len(got["judgements"]) != 2 {
		t.Errorf("whole: %v", got)
	}
	if relation := got["sightings"][0]["relations"].([]any)[0].(doc)["relation"]; relation != "Resolved_To" {
		t.Errorf("relation %v", relation)
	}
}

func TestAGroupWithANetwork(t *testing.T) {
	site, network := ctim.Observable{Type: ctim.TypeDomain, Value: "cdn.example"}, ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.0/24"}
	r := serve(t,
		malicious(ctim.TypeDomain, "cdn.example", func(e *entry.Entry) { e.With = []ctim.Observable{network} }),
		malicious(ctim.TypeIP, "198.51.100.0/24", func(e *entry.Entry) { e.With = []ctim.Observable{site} }),
	)
	if got := observe(t, r, site, ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.9"}); len(got["judgements"]) != 2 {
		t.Errorf("whole: %v", got)
	}
	if got := observe(t, r, site, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.9"}); len(got) != 0 {
		t.Errorf("another network: %v", got)
	}
}

func TestObserveTellsAllThatTheEntrySays(t *testing.T) {
	seen := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	r := serve(t, malicious(ctim.TypeDomain, "evil.example", func(e *entry.Entry) {
		e.Title, e.Description, e.SourceURL, e.Tags = "Report 7", "Second stage", "https://intel.example/7", []string{"apt"}
		e.Severity, e.Confidence, e.TLP, e.Pattern, e.FirstSeen, e.ExternalIDs = ctim.SeverityHigh, ctim.ConfidenceHigh, ctim.TLPGreen, true, seen, []string{"indicator--1"}
		e.ValidUntil = time.Date(2125, 1, 1, 0, 0, 0, 0, time.UTC)
		e.Indicates = []threat.Threat{
			{Kind: threat.Malware, Name: "RAT"}, {Kind: threat.Tool, Name: "PsExec"}, {Kind: threat.Actor, Name: "Spider"},
			{Kind: threat.Campaign, Name: "Op"}, {Kind: threat.AttackPattern, Name: "Phishing", ID: "T1566", URL: "https://attack.mitre.org/techniques/T1566"},
			{Kind: threat.Vulnerability, Name: "CVE-2026-1", ID: "CVE-2026-1", Description: "A hole"}, {Kind: "moon", Name: "ignored"},
		}
	}))
	o := ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}
	got := observe(t, r, o)
	for kind, want := range map[string]int{"verdicts": 1, "judgements": 1, "sightings": 1, "indicators": 1, "relationships": 8,
		"malwares": 1, "tools": 1, "actors": 1, "campaigns": 1, "attack_patterns": 1, "vulnerabilities": 1} {
		if len(got[kind]) != want {
			t.Errorf("%d %s, want %d", len(got[kind]), kind, want)
		}
	}
	judgement, sighting, indicator := got["judgements"][0], got["sightings"][0], got["indicators"][0]
	for what, pair := range map[string][2]any{
		"reason":      {judgement["reason"], "Part of 'Report 7', reported by source: Second stage"},
		"severity":    {judgement["severity"], "High"},
		"tlp":         {judgement["tlp"], "green"},
		"valid until": {judgement["valid_time"].(doc)["end_time"], "2125-01-01T00:00:00.000Z"},
		"verdict":     {got["verdicts"][0]["judgement_id"], judgement["id"]},
		"seen":        {sighting["observed_time"].(doc)["start_time"], "2026-01-15T09:30:00.000Z"},
		"description": {sighting["description"], "Second stage"},
		"title":       {indicator["title"], "Report 7"},
		"note":        {indicator["description"], "Second stage"},
		"producer":    {indicator["producer"], "source"},
		"ids":         {slices.Contains(judgement["external_ids"].([]any), any("indicator--1")), true},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	how := map[string]int{}
	for _, r := range got["relationships"] {
		how[r["relationship_type"].(string)]++
	}
	if diff := cmp.Diff(map[string]int{"based-on": 1, "sighting-of": 1, "indicates": 6}, how); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got, observe(t, r, o)); diff != "" {
		t.Errorf("the same question has another answer: %s", diff)
	}
}

func TestReasons(t *testing.T) {
	analyst := func(title, description string) func(*entry.Entry) {
		return func(e *entry.Entry) { e.Source, e.Title, e.Description = entry.AnalystSource, title, description }
	}
	r := serve(t,
		malicious(ctim.TypeDomain, "parrot.example", func(e *entry.Entry) { e.Source, e.Title = "Unit 42", "Parrot TDS" }),
		malicious(ctim.TypeDomain, "evil.example", subdomains, analyst("Ticket 4711", "")),
		malicious(ctim.TypeDomain, "marked.example", analyst("", "phishing kit\n\nseen twice")),
		malicious(ctim.TypeIP, "192.0.2.0/24", func(e *entry.Entry) { e.Source = "feed" }),
	)
	for value, want := range map[ctim.Observable][2]string{
		{Type: ctim.TypeDomain, Value: "parrot.example"}:   {"Part of 'Parrot TDS', reported by Unit 42", "Parrot TDS"},
		{Type: ctim.TypeDomain, Value: "www.evil.example"}: {"Covered by evil.example (Ticket 4711)", "Ticket 4711"},
		{Type: ctim.TypeDomain, Value: "evil.example"}:     {"Part of 'Ticket 4711', added by an analyst", "Ticket 4711"},
		{Type: ctim.TypeDomain, Value: "marked.example"}:   {"Marked as malicious by an analyst: phishing kit seen twice", "Added by an analyst"},
		{Type: ctim.TypeIP, Value: "192.0.2.7"}:            {"Covered by 192.0.2.0/24 (feed)", "feed"},
	} {
		got := observe(t, r, value)
		if reason, title := got["judgements"][0]["reason"], got["indicators"][0]["title"]; reason != want[0] || title != want[1] {
			t.Errorf("%s: %q, %q, want %q", value.Value, reason, title, want)
		}
	}
	got := observe(t, r, ctim.Observable{Type: ctim.TypeDomain, Value: "marked.example"})
	if note := got["indicators"][0]["description"]; note != "phishing kit\n\nseen twice" {
		t.Errorf("the indicator's description is %q", note)
	}
}

func TestSourcesDisagree(t *testing.T) {
	r := serve(t,
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.Source = "feed a" }),
		malicious(ctim.TypeIP, "192.0.2.0/24", func(e *entry.Entry) { e.Source, e.Disposition = "feed b", ctim.Suspicious }),
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) {
			e.Source, e.Disposition, e.Priority = "analyst", ctim.Clean, ctim.PriorityHuman
		}),
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) {
			e.Source, e.Priority, e.ValidUntil = "expired", 100, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		}),
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) {
			e.Source, e.Priority, e.ValidFrom = "not yet", 100, time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)
		}),
	)
	got := observe(t, r, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"})
	if len(got["judgements"]) != 3 || got["verdicts"][0]["disposition_name"] != "Clean" {
		t.Errorf("%d judgements, verdict %v", len(got["judgements"]), got["verdicts"])
	}
}

func TestAnEntryWithoutEndHasABoundedVerdict(t *testing.T) {
	r := serve(t, malicious(ctim.TypeIP, "192.0.2.1"))
	valid := observe(t, r, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"})["verdicts"][0]["valid_time"].(doc)
	end, err := time.Parse(time.RFC3339, valid["end_time"].(string))
	if err != nil || time.Until(end) > 30*24*time.Hour || time.Until(end) < 28*24*time.Hour {
		t.Errorf("valid until %v", valid)
	}
}

func TestRefer(t *testing.T) {
	r := serve(t, malicious(ctim.TypeDomain, "evil.example", subdomains, func(e *entry.Entry) { e.SourceURL = "https://intel.example/7" }),
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.SourceURL = "javascript://x/%0aalert(1)" }))
	for _, tt := range []struct {
		kind  ctim.ObservableType
		value string
		want  []string
	}{
		{ctim.TypeDomain, "WWW[.]evil.example", []string{"https://intel.example/7", "https://www.virustotal.com/gui/search/www.evil.example", "https://urlscan.io/domain/www.evil.example",
			"https://www.abuseipdb.com/check/www.evil.example", "https://www.shodan.io/domain/www.evil.example", "https://crt.sh/?q=www.evil.example",
			"https://talosintelligence.com/reputation_center/lookup?search=www.evil.example", "https://urlhaus.abuse.ch/browse.php?search=www.evil.example"}},
		{ctim.TypeSHA256, strings.Repeat("ab", 32), []string{"https://www.virustotal.com/gui/file/" + strings.Repeat("ab", 32), "https://urlscan.io/search/#hash:" + strings.Repeat("ab", 32),
			"https://talosintelligence.com/talos_file_reputation?s=" + strings.Repeat("ab", 32), "https://bazaar.abuse.ch/sample/" + strings.Repeat("ab", 32) + "/"}},
		{ctim.TypeURL, "http://a.example/?x=1&y=\"z\"", []string{"https://www.virustotal.com/gui/search/http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%2522z%2522",
			"https://urlscan.io/search/#page.url:%22http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%2522z%2522%22", "https://urlhaus.abuse.ch/browse.php?search=http%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%2522z%2522"}},
		{ctim.TypeIPv6, "2001:db8::1", []string{"https://www.virustotal.com/gui/search/2001%3Adb8%3A%3A1", "https://urlscan.io/ip/2001%3Adb8%3A%3A1",
			"https://www.abuseipdb.com/check/2001%3Adb8%3A%3A1", "https://www.shodan.io/host/2001%3Adb8%3A%3A1", "https://talosintelligence.com/reputation_center/lookup?search=2001%3Adb8%3A%3A1"}},
		{ctim.TypeIP, "10.1.2.3", nil},
		{ctim.TypeIP, "127.0.0.1", nil},
		{ctim.TypeIP, "100.64.0.1", nil},
		{ctim.TypeIP, "198.18.0.1", nil},
		{ctim.TypeIP, "240.0.0.1", nil},
		{ctim.TypeIPv6, "2606::5efe:808:808", nil},
		{ctim.TypeMutex, "x", nil},
	} {
		t.Run(tt.value, func(t *testing.T) {
			var answer struct {
				Data []struct{ ID, URL string }
			}
			if err := json.Unmarshal(post(t, r, "/refer/observables", ctim.Observable{Type: tt.kind, Value: tt.value}), &answer); err != nil {
				t.Fatal(err)
			}
			var urls []string
			ids := map[string]bool{}
			for _, link := range answer.Data {
				urls, ids[link.ID] = append(urls, link.URL), true
			}
			if diff := cmp.Diff(tt.want, urls); diff != "" {
				t.Error(diff)
			}
			if len(ids) != len(urls) {
				t.Error("two links have one id")
			}
		})
	}
	if got := string(post(t, r, "/refer/observables", ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"})); strings.Contains(got, "javascript") {
		t.Errorf("a link that runs: %s", got)
	}
}

// broken is a store that can't be read.
type broken struct {
	entry.Store
	why error
}

func (b broken) Get(context.Context, []entry.Key) ([][]entry.Entry, error) {
	return nil, fmt.Errorf("/secret/path: %w", b.why)
}

func (broken) Close() error { return nil }

func TestResponsesNameTheKnownErrorsOfStores(t *testing.T) {
	for _, known := range []error{
		entry.ErrMissing, entry.ErrLocked, entry.ErrDamaged, entry.ErrForeign, entry.ErrReadOnly, entry.ErrFull,
		entry.ErrDenied, entry.ErrBusy, entry.ErrUnreachable, errors.New("disk on fire at /secret/path"),
	} {
		t.Run(known.Error(), func(t *testing.T) {
			var log bytes.Buffer
			r := server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: watchlist.New(settings(t), broken{why: known}),
				Authenticator: open{}, Log: logging.New(&log, zap.InfoLevel)})
			o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
			for _, route := range []string{"/health", "/deliberate/observables", "/observe/observables", "/refer/observables"} {
				got := string(post(t, r, route, o))
				named := strings.Contains(got, known.Error()) || strings.Contains(known.Error(), "disk")
				if !strings.Contains(got, `"service unavailable"`) || !named || strings.Contains(got, "/secret/path") {
					t.Errorf("%s: %s", route, got)
				}
			}
			if !strings.Contains(log.String(), "/secret/path: "+known.Error()) {
				t.Errorf("the log lacks the cause: %s", log.String())
			}
		})
	}
}

// If a store can't be opened, later requests retry, but not each of them.
func TestAStoreIsOpenedOnceItCanBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings(t)
		t.Setenv("WATCHLIST_FILE", s.File)
		t.Setenv("WATCHLIST_READ_ONLY", "true")
		service, err := watchlist.Provider.Open(relay.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = service.(*watchlist.Service).Close() })
		r := server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: service, Authenticator: open{}})
		health := func(want string) {
			t.Helper()
			if got := string(post(t, r, "/health")); !strings.Contains(got, want) {
				t.Errorf("health: %s, want %s", got, want)
			}
		}
		health(entry.ErrMissing.Error())
		store, err := watchlist.OpenStore(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		health(entry.ErrMissing.Error())
		time.Sleep(time.Second) // in synctest
		health(`{"data":{"status":"ok"}}`)
	})
}

// slow is a store that takes longer than the deadline.
type slow struct{ entry.Store }

func (slow) Get(context.Context, []entry.Key) ([][]entry.Entry, error) {
	return nil, context.DeadlineExceeded
}

func TestAStoreThatIsTooSlowIsATimeout(t *testing.T) {
	p := watchlist.New(settings(t), slow{})
	r := server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: p, Authenticator: open{}})
	if got := string(post(t, r, "/observe/observables", ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"})); !strings.Contains(got, `"timeout"`) {
		t.Errorf("got %s", got)
	}
}

func TestTheSameDayHasTheSameAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t,
			malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.Added = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }),
			malicious(ctim.TypeIP, "192.0.2.2", func(e *entry.Entry) { e.FirstSeen = time.Date(2222, 1, 1, 0, 0, 0, 0, time.UTC) }),
		)
		o := []ctim.Observable{{Type: ctim.TypeIP, Value: "192.0.2.1"}, {Type: ctim.TypeIP, Value: "192.0.2.2"}}
		morning := post(t, r, "/observe/observables", o...)
		time.Sleep(23 * time.Hour) // in synctest, which begins at midnight
		if diff := cmp.Diff(string(morning), string(post(t, r, "/observe/observables", o...))); diff != "" {
			t.Error(diff)
		}
	})
}

// A list may have entries of different TLP.
func TestAnIndicatorHasTheColourOfItsEntry(t *testing.T) {
	r := serve(t,
		malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.Title, e.TLP = "Report", ctim.TLPRed }),
		malicious(ctim.TypeIP, "192.0.2.2", func(e *entry.Entry) { e.Title, e.TLP = "Report", ctim.TLPWhite }),
		malicious(ctim.TypeIP, "192.0.2.3", func(e *entry.Entry) { e.Title, e.TLP = "Report", ctim.TLPWhite }),
	)
	got := observe(t, r, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.2"}, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.3"})
	colour := map[any]any{}
	for _, i := range got["indicators"] {
		colour[i["id"]] = i["tlp"]
	}
	ofJudgement := map[any]any{}
	for _, j := range got["judgements"] {
		ofJudgement[j["id"]] = j["tlp"]
	}
	for _, r := range got["relationships"] {
		if ofJudgement[r["source_ref"]] != colour[r["target_ref"]] {
			t.Errorf("a %v judgement has a %v indicator", ofJudgement[r["source_ref"]], colour[r["target_ref"]])
		}
	}
	if len(got["indicators"]) != 2 {
		t.Errorf("%d indicators, want one for each colour", len(got["indicators"]))
	}
}

func TestAnEntryWithoutASourceIsAnsweredAllTheSame(t *testing.T) {
	r := serve(t, malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.Source, e.FirstSeen = "", time.Unix(0, 0) }))
	if got := observe(t, r, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}); got["judgements"][0]["source"] != "watchlist" {
		t.Errorf("got %v", got)
	}
}

func TestSettings(t *testing.T) {
	for variable, values := range map[string][]string{
		"WATCHLIST_VALID_FOR": {"x", "1h", "-720h"}, "WATCHLIST_SEARCH": {"virustotal,nobody"}, "WATCHLIST_READ_ONLY": {"perhaps"}, "WATCHLIST_STORE": {"DynamoDB", "table"},
	} {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				t.Setenv(variable, value)
				if _, err := watchlist.LoadSettings(); err == nil || !strings.Contains(err.Error(), variable) {
					t.Errorf("error %v does not name it", err)
				}
			})
		}
	}
	t.Setenv("XDG_DATA_HOME", "/data")
	t.Setenv("WATCHLIST_SEARCH", "none")
	if s, err := watchlist.LoadSettings(); err != nil || len(s.Search) != 0 {
		t.Errorf("no search pages at all: %v, %v", s.Search, err)
	}
}

func TestSettingsOfATable(t *testing.T) {
	t.Setenv("WATCHLIST_STORE", "dynamodb")
	for table, good := range map[string]bool{"": false, "ab": false, "abc": true, "Relay_1.dev-watchlist": true, "a b c": false, "é-liste": false, strings.Repeat("x", 255): true, strings.Repeat("x", 256): false} {
		t.Setenv("WATCHLIST_TABLE", table)
		s, err := watchlist.LoadSettings()
		if good && (err != nil || s.Place() != "DynamoDB table "+table) {
			t.Errorf("%q: %q, %v", table, s.Place(), err)
		}
		if !good && (err == nil || !strings.Contains(err.Error(), "WATCHLIST_TABLE")) {
			t.Errorf("%q: error %v", table, err)
		}
	}
	t.Setenv("WATCHLIST_STORE", "file")
	t.Setenv("WATCHLIST_TABLE", "")
	t.Setenv("WATCHLIST_FILE", "/a/file")
	if s, err := watchlist.LoadSettings(); err != nil || s.Place() != "/a/file" {
		t.Errorf("%q, %v", s.Place(), err)
	}
}

func TestRemoveTakesTheOtherHalfToo(t *testing.T) {
	store, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	a, b := malicious(ctim.TypeDomain, "a.example"), malicious(ctim.TypeIP, "192.0.2.1")
	alone := b
	a.With, b.With = []ctim.Observable{b.Observable}, []ctim.Observable{a.Observable}
	if _, err := store.Put(t.Context(), []entry.Entry{a, b, alone}); err != nil {
		t.Fatal(err)
	}
	removed, err := entry.Remove(t.Context(), store, a.Observable, entry.Note{What: "removed"}, func(entry.Entry) bool { return true })
	if n, _ := entry.Listed(t.Context(), store, time.Now()); err != nil || len(removed) != 2 || n != 1 {
		t.Errorf("removed %d, %d left, %v", len(removed), n, err)
	}
}

func TestAnEntryHoldsUntilItsEnd(t *testing.T) {
	start, end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	bounded := entry.Entry{ValidFrom: start, ValidUntil: end}
	for now, want := range map[time.Time]bool{start.Add(-1): false, start: true, end.Add(-1): true, end: false} {
		if bounded.IsValid(now) != want {
			t.Errorf("at %v: %v", now, !want)
		}
	}
	endless := entry.Entry{}
	if !endless.IsValid(start) {
		t.Error("an entry without bounds doesn't hold")
	}
}
