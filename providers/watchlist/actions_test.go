package watchlist_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// ann authenticates every request as ann.
type ann struct{}

func (ann) Authenticate(*http.Request) (relay.Claims, error) {
	return relay.NewClaims(map[string]any{"sub": "ann"}), nil
}

// serveAnn returns a relay that answers ann from a store.
func serveAnn(t *testing.T, store entry.Store) *server.Server {
	t.Helper()
	p := watchlist.New(settings(t), store)
	return server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: p, Authenticator: ann{}})
}

func openStore(t *testing.T, entries ...entry.Entry) entry.Store {
	t.Helper()
	store, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if _, err := store.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	return store
}

// actions returns the actions that the relay offers for an observable, by id.
func actions(t *testing.T, r *server.Server, o ctim.Observable) map[string]relay.Action {
	t.Helper()
	var answer struct{ Data []relay.Action }
	if err := json.Unmarshal(post(t, r, "/respond/observables", o), &answer); err != nil {
		t.Fatal(err)
	}
	offered := map[string]relay.Action{}
	for _, a := range answer.Data {
		offered[strings.TrimPrefix(a.ID, "watchlist-")] = a
	}
	return offered
}

// take triggers an action as the platform does, and returns the error's message.
func take(t *testing.T, r *server.Server, a relay.Action, changes ...string) string {
	t.Helper()
	form := map[string]string{"action-id": a.ID}
	for name, value := range a.Params {
		form[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		form[changes[i]] = changes[i+1]
	}
	body, _ := json.Marshal(form)
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/respond/trigger", strings.NewReader(string(body))))
	for _, p := range rules.Answer("/respond/trigger", w.Body.Bytes()) {
		t.Error(p)
	}
	var answer struct {
		Data   struct{ Status string }
		Errors []relay.Error
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	switch {
	case answer.Data.Status == "success" && len(answer.Errors) == 0:
		return ""
	case answer.Data.Status == "failure" && len(answer.Errors) == 1:
		return string(answer.Errors[0].Code) + ": " + answer.Errors[0].Message
	default:
		t.Errorf("neither done nor refused: %s", w.Body)
		return ""
	}
}

// verdict returns the disposition of the relay's verdict on an observable.
func verdict(t *testing.T, r *server.Server, o ctim.Observable) string {
	t.Helper()
	verdicts := observe(t, r, o)["verdicts"]
	if len(verdicts) == 0 {
		return ""
	}
	return verdicts[0]["disposition_name"].(string)
}

// historyOf returns the lines of the history as text, the oldest first.
func historyOf(t *testing.T, store entry.Store) []string {
	t.Helper()
	var lines []string
	for line, err := range store.History(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line.Who+" "+line.What+" "+line.Observable.Value+": "+line.Summary())
	}
	slices.Reverse(lines)
	return lines
}

// In synctest it is the first of January 2000.
func TestAnAnalystsDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := openStore(t)
		r := serveAnn(t, store)
		asked, plain := ctim.Observable{Type: ctim.TypeDomain, Value: "Evil[.]example"}, ctim.Observable{Type: ctim.TypeHostname, Value: "evil.example"}
		for i, step := range []struct {
			take    string
			verdict string
			offered []string
		}{
			{"", "", []string{"mark-clean", "mark-malicious", "mark-suspicious"}},
			{"mark-malicious", "Malicious", []string{"extend", "mark-clean", "mark-suspicious", "remove"}},
			{"mark-suspicious", "Suspicious", []string{"extend", "mark-clean", "mark-malicious", "remove"}},
			{"extend", "Suspicious", []string{"extend", "mark-clean", "mark-malicious", "remove"}},
			{"mark-clean", "Clean", []string{"extend", "mark-malicious", "mark-suspicious", "remove"}},
			{"remove", "", []string{"mark-clean", "mark-malicious", "mark-suspicious"}},
		} {
			if step.take != "" {
				action := actions(t, r, asked)[step.take]
				for range 3 { // the platform may retry
					if refused := take(t, r, action); refused != "" {
						t.Fatalf("step %d: %s", i, refused)
					}
				}
			}
			var offered []string
			for id := range actions(t, r, plain) {
				offered = append(offered, id)
			}
			slices.Sort(offered)
			if diff := cmp.Diff(step.offered, offered); diff != "" {
				t.Errorf("step %d: %s", i, diff)
			}
			if got := verdict(t, r, plain); got != step.verdict {
				t.Errorf("step %d: verdict %q, want %q", i, got, step.verdict)
			}
		}
		want := []string{
			"ann marked as malicious evil.example: not listed -> malicious until 2000-01-31 by analyst",
			"ann marked as suspicious evil.example: malicious until 2000-01-31 by analyst -> suspicious until 2000-01-31 by analyst",
			"ann extended until 2000-03-01 evil.example: suspicious until 2000-01-31 by analyst -> suspicious until 2000-03-01 by analyst",
			"ann marked as clean evil.example: suspicious until 2000-03-01 by analyst -> clean until 2000-03-01 by analyst",
			"ann removed evil.example: clean until 2000-03-01 by analyst -> not listed",
		}
		if diff := cmp.Diff(want, historyOf(t, store)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestActionsInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serveAnn(t, openStore(t,
			malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) {
				e.Source, e.ValidUntil = "Feed A", time.Date(2000, 1, 10, 6, 0, 0, 0, time.UTC)
			}),
			malicious(ctim.TypeIP, "192.0.2.1", func(e *entry.Entry) { e.Source, e.Disposition = "Feed B", ctim.Suspicious }),
			malicious(ctim.TypeIP, "192.0.2.2", func(e *entry.Entry) { e.ValidUntil = time.Date(1999, 12, 24, 0, 0, 0, 0, time.UTC) }),
			malicious(ctim.TypeDomain, "wide.example", subdomains),
			malicious(ctim.TypeDomain, "fine.wide.example", func(e *entry.Entry) {
				e.Source, e.Disposition, e.Priority, e.ValidUntil = entry.AnalystSource, ctim.Clean, ctim.PriorityHuman, time.Date(2000, 6, 1, 0, 0, 0, 0, time.UTC)
			}),
		))
		words := func(o ctim.Observable) map[string]string {
			got := map[string]string{}
			for id, a := range actions(t, r, o) {
				got[id] = a.Title + ": " + a.Description
				if diff := cmp.Diff([]string{"Watchlist"}, a.Categories); diff != "" {
					t.Error(diff)
				}
				if a.Params["observable_type"] != string(o.Type) || a.Params["observable_value"] != o.Value {
					t.Errorf("%s carries %v", id, a.Params)
				}
			}
			return got
		}
		for _, tt := range []struct {
			name string
			o    ctim.Observable
			want map[string][]string // by id, parts of title and description
		}{
			{"nobody lists it", ctim.Observable{Type: ctim.TypeIP, Value: "198.51.100.1"}, map[string][]string{
				"mark-malicious":  {"Add as malicious: Mark this IP address as malicious until 2000-01-31, overriding all lists."},
				"mark-suspicious": {"Add as suspicious: "},
				"mark-clean":      {"Add as clean (allow): "},
			}},
			{"two list it", ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}, map[string][]string{
				"mark-suspicious": {"Change to suspicious: Mark this IP address as suspicious until 2000-01-31, overriding all lists. Current verdict: malicious (listed in Feed A)."},
				"mark-clean":      {"Change to clean (allow): "},
				"extend":          {"Extend until 2000-02-10: ", "expires on 2000-01-10", "import"},
				"remove":          {"Remove from the watchlist: ", "Feed A, Feed B", "import"},
			}},
			{"it has ended", ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.2"}, map[string][]string{
				"mark-malicious":  {"Add as malicious: "},
				"mark-suspicious": {"Add as suspicious: "},
				"mark-clean":      {"Add as clean (allow): "},
				"extend":          {"Extend until 2000-01-31: ", "expired on 1999-12-24"},
				"remove":          {"Remove from the watchlist: "},
			}},
			{"a domain above it is listed", ctim.Observable{Type: ctim.TypeDomain, Value: "www.wide.example"}, map[string][]string{
				"mark-suspicious": {"Current verdict: malicious (covered by wide.example (source))."},
				"mark-clean":      {"Change to clean (allow): "},
			}},
			{"an analyst has said it", ctim.Observable{Type: ctim.TypeDomain, Value: "fine.wide.example"}, map[string][]string{
				"mark-malicious":  {"until 2000-06-01", "Current verdict: clean (marked as clean by an analyst)."},
				"mark-suspicious": {"Change to suspicious: "},
				"extend":          {"Extend until 2000-07-01: ", "expires on 2000-06-01."},
				"remove":          {"analyst", "covered by wide.example"},
			}},
			{"not of its type", ctim.Observable{Type: ctim.TypeIP, Value: "evil.example"}, nil},
		} {
			got := words(tt.o)
			if len(got) != len(tt.want) {
				t.Errorf("%s: offers %v", tt.name, got)
			}
			for id, parts := range tt.want {
				for _, part := range parts {
					if !strings.Contains(got[id], part) {
						t.Errorf("%s: %s lacks %q: %s", tt.name, id, part, got[id])
					}
				}
			}
		}
	})
}

func TestTriggersThatAreRefused(t *testing.T) {
	store := openStore(t)
	r := serveAnn(t, store)
	o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
	add := actions(t, r, o)["mark-malicious"]
	const unsent = "invalid argument: watchlist-valid-until is not a time such as 2026-12-31T00:00:00Z. Send the action's query-params as /respond/observables returned them."
	for _, tt := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"an unknown action", []string{"action-id", "watchlist-explode"}, "invalid argument: Unsupported action."},
		{"not of its type", []string{"observable_value", "evil.example"}, "invalid argument: The value is not a valid IP address: not an IP address."},
		{"a match-all", []string{"observable_value", "0.0.0.0/0"}, "invalid argument: The value is not a valid IP address: "},
		{"no state", []string{"watchlist-state", ""}, "invalid argument: watchlist-state is missing. Send the action's query-params as /respond/observables returned them."},
		{"no end", []string{"watchlist-valid-until", ""}, unsent},
		{"an end that is none", []string{"watchlist-valid-until", "tomorrow"}, unsent},
		{"an end that is over", []string{"watchlist-valid-until", "2020-01-01T00:00:00Z"},
			"invalid argument: This action no longer applies: the entry's end has passed. Open the menu again."},
		{"nothing to extend", []string{"action-id", "watchlist-extend"},
			"invalid argument: This action no longer applies: the watchlist has no entry to extend. Open the menu again."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := take(t, r, add, tt.changes...); !strings.HasPrefix(got, tt.want) || got == "" {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if lines := historyOf(t, store); lines != nil {
		t.Errorf("something was done: %q", lines)
	}

	// An action doesn't apply if the entries have changed since it was offered.
	const changed = "invalid argument: This action no longer applies: the watchlist's entries for the observable have changed. Open the menu again."
	allow := actions(t, r, o)["mark-clean"]
	if got := take(t, r, add); got != "" {
		t.Fatal(got)
	}
	if got := take(t, r, allow); got != changed {
		t.Errorf("allowed what another has blocked: %s", got)
	}
	remove, extend := actions(t, r, o)["remove"], actions(t, r, o)["extend"]
	if got := take(t, r, actions(t, r, o)["mark-suspicious"]); got != "" {
		t.Fatal(got)
	}
	for _, action := range []relay.Action{remove, extend} {
		if got := take(t, r, action); got != changed {
			t.Errorf("%s: %s", action.ID, got)
		}
	}
}

// Removing one half of a group removes the other, even if the first attempt fails.
func TestRemovingAGroup(t *testing.T) {
	a, b := malicious(ctim.TypeDomain, "a.example"), malicious(ctim.TypeIP, "192.0.2.1")
	a.With, b.With = []ctim.Observable{b.Observable}, []ctim.Observable{a.Observable}
	store := openStore(t, a, b)
	r := serveAnn(t, store)
	remove := actions(t, r, a.Observable)["remove"]
	for range 2 {
		if got := take(t, r, remove); got != "" {
			t.Error(got)
		}
	}
	if n, err := entry.Listed(t.Context(), store, time.Now()); n != 0 || err != nil {
		t.Errorf("%d entries left, %v", n, err)
	}
	if lines := historyOf(t, store); len(lines) != 2 {
		t.Errorf("history %q", lines)
	}
}

// Expired entries are not extended if another entry is valid, and no end is after the
// platform's end of time.
func TestExtendMovesWhatHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
		until := func(end time.Time) func(*entry.Entry) {
			return func(e *entry.Entry) { e.ValidUntil = end }
		}
		store := openStore(t,
			malicious(o.Type, o.Value, until(time.Now().AddDate(0, 0, 2))),
			malicious(o.Type, o.Value, until(time.Now().AddDate(-1, 0, 0)), func(e *entry.Entry) {
				e.Source, e.Disposition, e.Priority = entry.AnalystSource, ctim.Clean, ctim.PriorityHuman
			}),
			malicious(ctim.TypeIP, "192.0.2.2", until(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))),
		)
		r := serveAnn(t, store)
		if refused := take(t, r, actions(t, r, o)["extend"]); refused != "" {
			t.Fatal(refused)
		}
		if got := verdict(t, r, o); got != "Malicious" {
			t.Errorf("verdict %s", got)
		}
		far := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.2"}
		if _, offered := actions(t, r, far)["extend"]; offered {
			t.Error("offers to extend what never ends")
		}
		mark := actions(t, r, far)["mark-clean"]
		if refused := take(t, r, mark, "watchlist-valid-until", "9999-12-31T23:59:59-01:00"); !strings.HasPrefix(refused, "invalid argument") {
			t.Errorf("an end beyond time: %q", refused)
		}
	})
}

// An action is not offered if another person's entry would still decide.
func TestWhatWouldNotDecideIsNotOffered(t *testing.T) {
	o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
	r := serveAnn(t, openStore(t, malicious(o.Type, o.Value, func(e *entry.Entry) {
		e.Source, e.Title, e.Disposition, e.Priority = entry.AnalystSource, "Ticket 7", ctim.Clean, ctim.PriorityHuman
	})))
	offered := actions(t, r, o)
	if _, ok := offered["mark-malicious"]; ok || len(offered) != 1 {
		t.Errorf("offers %v", offered)
	}
}

// late is a store in which another person makes a change first.
type late struct {
	entry.Store
	first func()
}

func (l late) Change(ctx context.Context, key entry.Key, by entry.Note, edit func([]entry.Entry) ([]entry.Entry, error)) (bool, error) {
	l.first()
	return l.Store.Change(ctx, key, by, edit)
}

func TestRemovingWhatAnotherHasJustChanged(t *testing.T) {
	o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
	store := openStore(t, malicious(o.Type, o.Value))
	allowed := malicious(o.Type, o.Value, func(e *entry.Entry) { e.Source, e.Disposition = entry.AnalystSource, ctim.Clean })
	r := serveAnn(t, late{store, func() {
		if _, err := store.Put(t.Context(), []entry.Entry{allowed}); err != nil {
			t.Error(err)
		}
	}})
	if refused := take(t, r, actions(t, r, o)["remove"]); !strings.Contains(refused, "have changed") {
		t.Errorf("removed what another has just allowed: %q", refused)
	}
	if n, err := entry.Listed(t.Context(), store, time.Now()); n != 2 || err != nil {
		t.Errorf("%d entries left, %v", n, err)
	}
}

// failing is a store that can be read but not written.
type failing struct {
	entry.Store
	err error
}

func (f failing) Change(context.Context, entry.Key, entry.Note, func([]entry.Entry) ([]entry.Entry, error)) (bool, error) {
	return false, f.err
}

func TestAStoreThatFails(t *testing.T) {
	o := ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}
	for err, want := range map[error]string{
		entry.ErrFull:                 "service unavailable: The relay can't use its watchlist: the watchlist is full. The relay's log has the details.",
		entry.ErrBusy:                 "service unavailable: The relay can't use its watchlist: the watchlist is overloaded. The relay's log has the details.",
		entry.ErrReadOnly:             "service unavailable: The relay can't use its watchlist: the watchlist may only be read. The relay's log has the details.",
		errors.New("disk on fire"):    "service unavailable: The relay can't use its watchlist: it can't be opened, read or written. The relay's log has the details.",
		context.DeadlineExceeded:      "timeout: The answer was not ready in time. Try again.",
		errors.New("open /secret.db"): "service unavailable: The relay can't use its watchlist: it can't be opened, read or written. The relay's log has the details.",
	} {
		r := serveAnn(t, failing{openStore(t), err})
		if got := take(t, r, actions(t, r, o)["mark-malicious"]); got != want {
			t.Errorf("%v: got %s", err, got)
		}
	}
}

func TestAWatchlistThatMayOnlyBeReadOffersNoActions(t *testing.T) {
	s := settings(t)
	s.ReadOnly = true
	p := watchlist.New(s, openStore(t))
	r := server.New(server.Options{Declaration: watchlist.Provider.Declaration(), Service: p, Authenticator: ann{}})
	if got := actions(t, r, ctim.Observable{Type: ctim.TypeIP, Value: "192.0.2.1"}); len(got) != 0 {
		t.Errorf("offers %v", got)
	}
}
