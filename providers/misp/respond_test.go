package misp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	protocol "github.com/serverless-relay/relay/shared/server"
)

// actions are those that the relay offers, by the end of their ids.
func actions(t *testing.T, r *protocol.Server, o ctim.Observable) map[string]relay.Action {
	t.Helper()
	got := post(t, r, "/respond/observables", []ctim.Observable{o})
	var list []relay.Action
	if err := json.Unmarshal(got.Data, &list); err != nil || len(got.Errors) > 0 {
		t.Fatalf("%v in %s", err, got.raw)
	}
	offered := map[string]relay.Action{}
	for _, a := range list {
		offered[strings.TrimPrefix(a.ID, "misp-add-")] = a
	}
	return offered
}

// take takes an action as the platform does, with changes, and returns the
// error in words.
func take(t *testing.T, r *protocol.Server, a relay.Action, changes ...string) string {
	t.Helper()
	form := map[string]string{"action-id": a.ID}
	maps.Copy(form, a.Params)
	for i := 0; i < len(changes); i += 2 {
		form[changes[i]] = changes[i+1]
	}
	got := post(t, r, "/respond/trigger", form)
	switch status := string(got.Data); {
	case status == `{"status":"success"}` && len(got.Errors) == 0:
		return ""
	case status == `{"status":"failure"}` && len(got.Errors) == 1:
		return string(got.Errors[0].Code) + ": " + got.Errors[0].Message
	default:
		t.Fatalf("neither done nor refused: %s", got.raw)
		return ""
	}
}

func TestActionsInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, written(t), credentials)
		var got []string
		for _, a := range actions(t, r, observable(ctim.TypeIP, "192.0.2.1")) {
			got = append(got, fmt.Sprintf("%s %s: %s", a.ID, a.Title, a.Description))
			state := a.Params["misp-state"]
			want := map[string]string{"observable_type": "ip", "observable_value": "192.0.2.1", "misp-state": state}
			if diff := cmp.Diff(want, a.Params); diff != "" || len(state) != 16 || strings.Trim(state, "0123456789abcdef") != "" {
				t.Errorf("%v %s", a.Params, diff)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{
			"misp-add-expiration Expire it in MISP: Record in MISP that this IP address is no threat from now on. It is in 2 events.",
			"misp-add-false-positive Report a false positive to MISP: Record in MISP that this IP address is harmless. It is in 2 events.",
			"misp-add-sighting Add a sighting in MISP: Record in MISP that this IP address was seen just now. It is in 2 events.",
		}, got); diff != "" {
			t.Error(diff)
		}
		for _, o := range []ctim.Observable{observable(ctim.TypeIP, "203.0.113.1"), observable(ctim.TypeIP, "evil.example"), observable(ctim.TypeFileName, "0")} {
			if got := actions(t, r, o); len(got) > 0 {
				t.Errorf("%v: offers %v", o, got)
			}
		}
	})
}

// Menus name a single event, shortened if need be.
func TestActionsNameTheEvent(t *testing.T) {
	fake := &server{}
	fake.with(t, 1, "1", "domain", "evil.example")
	for title, want := range map[string]string{
		"Spring wave":            "Spring wave",
		strings.Repeat("é", 100): strings.Repeat("é", 80) + "…",
	} {
		fake.events[0]["info"] = title
		r := serve(t, fake, credentials)
		if got := actions(t, r, observable(ctim.TypeDomain, "evil.example"))["sighting"].Description; got != "Record in MISP that this domain was seen just now. It is in the event '"+want+"'." {
			t.Error(got)
		}
		if got := string(post(t, r, "/refer/observables", []ctim.Observable{observable(ctim.TypeDomain, "evil.example")}).Data); !strings.Contains(got, `"Open the MISP event '`+want+`'"`) {
			t.Error(got)
		}
	}
}

// Who asks twice is offered the same, until something changes. Another caller
// is offered something else.
func TestActionsFollowFromTheState(t *testing.T) {
	fake := written(t)
	r := serve(t, fake, credentials)
	o := observable(ctim.TypeDomain, "seen.example")
	first := actions(t, r, o)
	if diff := cmp.Diff(first, actions(t, serve(t, fake, credentials), o)); diff != "" {
		t.Error(diff)
	}
	state := first["sighting"].Params["misp-state"]
	others := gate{"HOST": host + "/", "AuthKey": authKey}
	if got := actions(t, serve(t, fake, others), o)["sighting"].Params["misp-state"]; got == state {
		t.Error("another caller has the same state")
	}
	if refused := take(t, r, first["sighting"]); refused != "" {
		t.Fatal(refused)
	}
	if got := actions(t, r, o)["sighting"].Params["misp-state"]; got == state {
		t.Error("the state is the same after a sighting")
	}
}

// An action that is taken again and again is done once; what the relay says
// then follows from it.
func TestAnAnalystsDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		r := serve(t, fake, credentials)
		o := observable(ctim.TypeHostname, "Evil.Example")
		var want []string
		for i, step := range []struct{ take, verdict, adds string }{
			{"sighting", "Malicious", "0 946684801"},
			{"false-positive", "Suspicious", "1 946688401"},
			{"expiration", "", "2 946692001"},
			{"sighting", "Malicious", "0 946695601"},
		} {
			action := actions(t, r, o)[step.take]
			for range 3 {
				time.Sleep(time.Second)
				if refused := take(t, serve(t, fake, credentials), action); refused != "" {
					t.Fatalf("step %d: %s", i, refused)
				}
			}
			want = append(want, "evil.example|192.0.2.2 "+step.adds+" Cisco XDR "+action.Params["misp-state"]+" (domain)")
			slices.Sort(want)
			got := fake.sightingsOf()
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("step %d: %s", i, diff)
			}
			verdict := ""
			if list := observe(t, r, o.Type, o.Value)["verdicts"]; len(list) > 0 {
				verdict = list[0]["disposition_name"].(string)
			}
			if verdict != step.verdict {
				t.Errorf("step %d: verdict %q, want %q", i, verdict, step.verdict)
			}
			time.Sleep(time.Hour - 3*time.Second)
		}
	})
}

// The same trigger at the same time is done once, also where answers are kept
// for a while.
func TestTriggersAtTheSameTime(t *testing.T) {
	t.Setenv("UPSTREAM_CACHE", "1h")
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			fake.ServeHTTP(w, r)
		})
		r := serve(t, slow, credentials)
		action := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]
		for range 2 {
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					if refused := take(t, r, action); refused != "" {
						t.Error(refused)
					}
				})
			}
			wg.Wait()
		}
		if got := fake.count("POST /sightings/add"); got != 1 {
			t.Errorf("added %d times", got)
		}
		if refused := take(t, r, actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]); refused != "" {
			t.Error(refused)
		}
		if got := fake.count("POST /sightings/add"); got != 2 {
			t.Errorf("a second one was not added: %d", got)
		}
	})
}

// Two actions of one menu are two.
func TestTwoActionsOfOneMenu(t *testing.T) {
	fake := written(t)
	r := serve(t, fake, credentials)
	offered := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))
	for _, id := range []string{"false-positive", "expiration", "sighting", "expiration", "false-positive"} {
		if refused := take(t, r, offered[id]); refused != "" {
			t.Error(refused)
		}
	}
	if got := fake.sightingsOf(); len(got) != 3 {
		t.Errorf("added %q", got)
	}
}

func TestWhatIsSentToMISP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := written(t)
		r := serve(t, fake, credentials)
		action := actions(t, r, observable(ctim.TypeURL, "http://evil.example"))["false-positive"]
		if refused := take(t, r, action); refused != "" {
			t.Fatal(refused)
		}
		want := `POST /sightings/add {"id":"a0000000-0000-4000-8000-000000000103","source":"Cisco XDR ` + action.Params["misp-state"] + `","timestamp":"946684800","type":"1"}`
		if got := fake.asked[len(fake.asked)-1]; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		fake.pathOnly = true
		if refused := take(t, r, actions(t, r, observable(ctim.TypeIPv6, "2001:db8::7"))["sighting"]); refused != "" {
			t.Error(refused)
		}
		if got := fake.sightingsOf(); len(got) != 2 {
			t.Errorf("a server that reads the path got %q", got)
		}
	})
}

// with adds an event with attributes of type and value, all marked for detection.
func (s *server) with(t testing.TB, id int, level string, attributes ...string) {
	t.Helper()
	var list []any
	for i := 0; i < len(attributes); i += 2 {
		list = append(list, map[string]any{"uuid": fmt.Sprintf("a%07d-0000-4000-8000-%012d", id, i), "type": attributes[i], "value": attributes[i+1], "to_ids": true})
	}
	raw, err := json.Marshal(map[string]any{"Event": map[string]any{
		"id": strconv.Itoa(id), "uuid": fmt.Sprintf("e%07d-0000-4000-8000-000000000000", id), "info": fmt.Sprintf("Event %d", id),
		"timestamp": strconv.Itoa(940000000 + id), "threat_level_id": level, "Attribute": list}})
	if err != nil {
		t.Fatal(err)
	}
	s.add(t, raw)
}

// MISP takes a value for a pattern, and compares it with both halves of an
// attribute. A sighting reaches only the attributes that the observable is in.
func TestASightingReachesNothingElse(t *testing.T) {
	for _, tt := range []struct {
		kind  ctim.ObservableType
		value string
		want  []string
	}{
		{ctim.TypeFileName, "invoice_1.exe", []string{"invoice_1.exe"}},
		{ctim.TypeFileName, `C:\Temp\dropper.exe`, []string{`C:\Temp\dropper.exe`}},
		{ctim.TypeFileName, "100%", []string{"100%"}},
		{ctim.TypeFileName, "443", []string{"443"}},
		{ctim.TypeURL, "http://a.example/%3Fq", []string{"http://a.example/%3Fq"}},
		{ctim.TypeIP, "192.0.2.9", []string{"192.0.2.9|443", "c.example|192.0.2.9"}},
	} {
		fake := &server{}
		fake.with(t, 1, "1", "filename", "invoice_1.exe", "filename", "invoice-1.exe", "filename", `C:\Temp\dropper.exe`, "filename", "100%", "filename", "1000", "filename", "443",
			"ip-dst|port", "192.0.2.9|443", "domain|ip", "c.example|192.0.2.9", "url", "http://a.example/%3Fq", "url", "http://a.example/b/c/3Fq", "text", "443")
		r := serve(t, fake, credentials)
		if refused := take(t, r, actions(t, r, observable(tt.kind, tt.value))["false-positive"]); refused != "" {
			t.Errorf("%s: %s", tt.value, refused)
		}
		var got []string
		for _, added := range fake.sightingsOf() {
			got = append(got, added[:strings.LastIndex(added, " 1 ")])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.value, diff)
		}
	}
}

// What an analyst says about one half of a composite holds for that half alone.
func TestHalvesSpeakForThemselves(t *testing.T) {
	const hash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	verdict := func(t *testing.T, r *protocol.Server, o ctim.Observable) string {
		if list := observe(t, r, o.Type, o.Value)["verdicts"]; len(list) > 0 {
			return list[0]["disposition_name"].(string)
		}
		return ""
	}
	for _, tt := range []struct {
		kind, value string
		action      string
		half, other ctim.Observable
		before      string
		after       string
	}{
		{"filename|sha256", "a.exe|" + hash, "false-positive", observable(ctim.TypeFileName, "A.exe"), observable(ctim.TypeSHA256, hash), "Suspicious", "Unknown"},
		{"filename|sha256", `c:\a\b.exe|` + hash, "false-positive", observable(ctim.TypeSHA256, hash), observable(ctim.TypeFileName, `c:\a\b.exe`), "Malicious", "Suspicious"},
		{"domain|ip", "a.example|2001:db8::1", "expiration", observable(ctim.TypeIPv6, "2001:db8::1"), observable(ctim.TypeHostname, "a.example"), "Malicious", ""},
		{"domain|ip", "a.example|192.0.2.1", "expiration", observable(ctim.TypeHostname, "a.example"), observable(ctim.TypeIP, "192.0.2.1"), "Malicious", ""},
		{"domain|ip", "a.example|192.0.2.1", "false-positive", observable(ctim.TypeDomain, "A.example."), observable(ctim.TypeIP, "192.0.2.1"), "Malicious", "Suspicious"},
	} {
		t.Run(tt.kind+" "+tt.action+" "+tt.half.Value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &server{}
				fake.with(t, 1, "1", tt.kind, tt.value)
				r := serve(t, fake, credentials)
				other := verdict(t, r, tt.other)
				if got := verdict(t, r, tt.half); got != tt.before {
					t.Errorf("before: %q", got)
				}
				for range 2 {
					if refused := take(t, r, actions(t, r, tt.half)[tt.action]); refused != "" {
						t.Fatal(refused)
					}
					time.Sleep(time.Second)
				}
				if got := verdict(t, r, tt.half); got != tt.after {
					t.Errorf("the half is %q, want %q", got, tt.after)
				}
				if got := verdict(t, r, tt.other); got != other {
					t.Errorf("the other half was %q and is %q", other, got)
				}
				if refused := take(t, r, actions(t, r, tt.other)[tt.action]); refused != "" {
					t.Fatal(refused)
				}
				time.Sleep(time.Second)
				if got := verdict(t, r, tt.other); got == other {
					t.Errorf("the other half's own action has no effect: %q", got)
				}
			})
		})
	}
}

// An addition to many attributes that fails midway is completed by repeating it.
func TestARepeatCompletesTheAction(t *testing.T) {
	fake := &server{}
	for id := range 4 {
		fake.with(t, id+1, "1", "domain", "evil.example")
	}
	r := serve(t, fake, credentials)
	add := actions(t, r, observable(ctim.TypeDomain, "evil.example"))["sighting"]
	var calls atomic.Int32
	fake.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/sightings/add" || calls.Add(1) != 2 {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	if refused := take(t, r, add); refused == "" {
		t.Error("the failure is not reported")
	}
	for range 2 {
		if refused := take(t, r, add); refused != "" {
			t.Error(refused)
		}
	}
	if got := fake.sightingsOf(); len(got) != 4 {
		t.Errorf("added %q", got)
	}
}

// Each attribute takes a call, so there is a limit: the newest events get it.
func TestAValueInManyEvents(t *testing.T) {
	fake := &server{}
	for id := range 120 {
		fake.with(t, id+1, "1", "domain", "evil.example")
	}
	r := serve(t, fake, credentials)
	add := actions(t, r, observable(ctim.TypeDomain, "evil.example"))["sighting"]
	if !strings.HasSuffix(add.Description, " Only the newest 100 of its 120 attributes are changed.") {
		t.Error(add.Description)
	}
	for range 2 {
		if refused := take(t, r, add); refused != "" {
			t.Error(refused)
		}
	}
	if got := fake.count("POST /sightings/add"); got != 100 {
		t.Errorf("%d calls", got)
	}
	oldest, newest := attributesOf(fake.events[19])[0], attributesOf(fake.events[20])[0]
	if oldest["Sighting"] != nil || newest["Sighting"] == nil {
		t.Error("not the newest events")
	}
}

func TestTriggersThatAreRefused(t *testing.T) {
	fake := written(t)
	r := serve(t, fake, credentials)
	add := actions(t, r, observable(ctim.TypeIP, "192.0.2.1"))["sighting"]
	const (
		unsent   = "invalid argument: The parameter misp-state is missing or invalid. Send the action's query-params as /respond/observables returned them."
		notThere = "not found: MISP has no attribute with this value that the key's user may see, so no sighting was added."
	)
	for _, tt := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"an unknown action", []string{"action-id", "misp-explode"}, "invalid argument: Unsupported action."},
		{"not of its type", []string{"observable_value", "evil.example"}, "invalid argument: This can't be the value of an observable of the type ip: not an IP address."},
		{"no state", []string{"misp-state", ""}, unsent},
		{"a short state", []string{"misp-state", "0123"}, unsent},
		{"a long state", []string{"misp-state", strings.Repeat("0123", 100)}, unsent},
		{"a state that is none", []string{"misp-state", "seen by the CISO!"}, unsent},
		{"not in MISP", []string{"observable_value", "203.0.113.1"}, notThere},
		{"a match-all", []string{"observable_type", "file_name", "observable_value", "0"}, notThere},
		{"a wildcard", []string{"observable_type", "file_name", "observable_value", "%"}, notThere},
	} {
		if got := take(t, r, add, tt.changes...); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if got := fake.sightingsOf(); got != nil {
		t.Errorf("something was added: %q", got)
	}
}

// What MISP refuses, or fails at, is told, and the same action may be taken
// again then.
func TestAddingThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(http.ResponseWriter)
		tries  int
		want   string
	}{
		{"with the status of success", func(w http.ResponseWriter) {
			reply(w, 200, map[string]string{"message": "Could not add the Sighting. Reason: Invalid type."})
		}, 2, "invalid argument: MISP did not add the sighting. Check that the attribute still exists and that the key's user may see it."},
		{"without a word", func(w http.ResponseWriter) { reply(w, 200, map[string]any{"saved": false}) },
			2, "invalid argument: MISP did not add the sighting. Check that the attribute still exists and that the key's user may see it."},
		{"a read-only key", func(w http.ResponseWriter) {
			reply(w, 403, map[string]string{"message": "You do not have permission to use this functionality."})
		}, 1, "permission denied: The key's user may not do this in MISP (403). To add sightings, use a key that is not read-only, of a user whose role may add them."},
		{"a read-only key of an older server", func(w http.ResponseWriter) {
			reply(w, 405, map[string]string{"message": "You are not authorised to add sightings data as you don't have write access."})
		}, 1, "permission denied: The key's user may not do this in MISP (405). To add sightings, use a key that is not read-only, of a user whose role may add them."},
		{"a proxy", func(w http.ResponseWriter) {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, "\n<!DOCTYPE html><title>Just a moment...</title>")
		}, 1, "connection error: A proxy or firewall before MISP refused the call (403). Let the relay through there, or check the address in the module's settings."},
		{"a proxy that allows no POST", func(w http.ResponseWriter) { w.WriteHeader(405) }, 1, "invalid argument: MISP refuses the request (405)."},
		{"a crash", func(w http.ResponseWriter) {
			reply(w, 500, map[string]string{"name": "An Internal Error Has Occurred."})
		},
			1, "service unavailable: MISP has an internal problem (500). Try again later. It says: An Internal Error Has Occurred."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := written(t)
			r := serve(t, fake, credentials)
			add := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]
			tries := 0
			fake.before = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasPrefix(r.URL.Path, "/sightings/add") {
					return false
				}
				tries++
				tt.answer(w)
				return true
			}
			if got := take(t, r, add); got != tt.want || tries != tt.tries {
				t.Errorf("after %d tries:\n got %s\nwant %s", tries, got, tt.want)
			}
			fake.before = nil
			if got := take(t, r, add); got != "" {
				t.Error(got)
			}
			if got := fake.sightingsOf(); len(got) != 1 {
				t.Errorf("added %q", got)
			}
		})
	}
}

// Where the answer gets lost, nobody knows what became of the sighting. Taking
// the action again finds out.
func TestAnAnswerThatGetsLost(t *testing.T) {
	fake := written(t)
	lost := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(w, r)
		if r.URL.Path == "/sightings/add" {
			panic(http.ErrAbortHandler)
		}
	})
	r := serve(t, lost, credentials)
	add := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]
	if got := take(t, r, add); got != "connection error: MISP can't be reached or closed the connection. Check its address in the settings, or try again later." {
		t.Error(got)
	}
	if got := take(t, r, add); got != "" {
		t.Error(got)
	}
	if got := fake.sightingsOf(); len(got) != 1 {
		t.Errorf("added %q", got)
	}
}
