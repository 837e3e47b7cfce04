package misp_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	protocol "github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
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
			"misp-add-expiration Let it expire: Tell MISP that this IP address is no longer valid, from now on. It is in 2 events there.",
			"misp-add-false-positive Report a false positive: Tell MISP that this IP address is harmless. It is in 2 events there.",
			"misp-add-sighting Add a sighting: Tell MISP that this IP address was seen. It is in 2 events there.",
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

// Who asks twice is offered the same, until something changes. Another caller
// is offered something else.
func TestActionsFollowFromTheState(t *testing.T) {
	third := written(t)
	r := serve(t, third, credentials)
	o := observable(ctim.TypeDomain, "seen.example")
	first := actions(t, r, o)
	if diff := cmp.Diff(first, actions(t, serve(t, third, credentials), o)); diff != "" {
		t.Error(diff)
	}
	state := first["sighting"].Params["misp-state"]
	others := gate{"HOST": host + "/", "AuthKey": authKey}
	if got := actions(t, serve(t, third, others), o)["sighting"].Params["misp-state"]; got == state {
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
		third := written(t)
		r := serve(t, third, credentials)
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
				if refused := take(t, serve(t, third, credentials), action); refused != "" {
					t.Fatalf("step %d: %s", i, refused)
				}
			}
			for _, value := range []string{"evil.example|192.0.2.2", "evil.example"} {
				want = append(want, value+" "+step.adds+" Cisco XDR "+action.Params["misp-state"])
			}
			slices.Sort(want)
			got := third.sightingsOf()
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
	synctest.Test(t, func(t *testing.T) {
		third := written(t)
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			third.ServeHTTP(w, r)
		})
		o := upstream.Options{Transport: upstreamtest.Transport(slow), Settings: upstream.Settings{Cache: time.Hour}}
		r := serveWith(t, settings, o, credentials)
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
		if got := third.count("POST /sightings/add"); got != 1 {
			t.Errorf("added %d times", got)
		}
		if refused := take(t, r, actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]); refused != "" {
			t.Error(refused)
		}
		if got := third.count("POST /sightings/add"); got != 2 {
			t.Errorf("a second one was not added: %d", got)
		}
	})
}

// Two actions of one menu are two.
func TestTwoActionsOfOneMenu(t *testing.T) {
	third := written(t)
	r := serve(t, third, credentials)
	offered := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))
	for _, id := range []string{"false-positive", "expiration", "sighting", "expiration", "false-positive"} {
		if refused := take(t, r, offered[id]); refused != "" {
			t.Error(refused)
		}
	}
	if got := third.sightingsOf(); len(got) != 3 {
		t.Errorf("added %q", got)
	}
}

func TestWhatIsSentToMISP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		third := written(t)
		r := serve(t, third, credentials)
		action := actions(t, r, observable(ctim.TypeURL, "http://evil.example"))["false-positive"]
		if refused := take(t, r, action); refused != "" {
			t.Fatal(refused)
		}
		want := `POST /sightings/add {"source":"Cisco XDR ` + action.Params["misp-state"] + `","timestamp":"946684800","type":"1","values":["http://evil.example/","http://evil.example"]}`
		if got := third.asked[len(third.asked)-1]; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestTriggersThatAreRefused(t *testing.T) {
	third := written(t)
	r := serve(t, third, credentials)
	add := actions(t, r, observable(ctim.TypeIP, "192.0.2.1"))["sighting"]
	const (
		unsent   = "invalid argument: misp-state is not that of an action. Send the action's query-params as /respond/observables gave them."
		notThere = "not found: MISP has no attribute with this value that the key's user may see, so there is nothing to add to."
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
	if got := third.sightingsOf(); got != nil {
		t.Errorf("something was added: %q", got)
	}
}

// What MISP refuses, or fails at, is told, and the same action may be taken
// again then.
func TestAddingThatFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(http.ResponseWriter)
		want   string
	}{
		{"with the status of success", func(w http.ResponseWriter) {
			reply(w, 200, map[string]string{"message": "Could not add the Sighting. Reason: Invalid type."})
		}, "invalid argument: MISP did not add it. Does it still have an attribute with this value that the key's user may see?"},
		{"without a word", func(w http.ResponseWriter) { reply(w, 200, map[string]any{"saved": false}) },
			"invalid argument: MISP did not add it. Does it still have an attribute with this value that the key's user may see?"},
		{"without the permission", func(w http.ResponseWriter) {
			reply(w, 403, map[string]string{"message": "You do not have permission to use this functionality."})
		}, "authorization error: MISP refuses the credential (403). Check it in the module's settings. It says: You do not have permission to use this functionality."},
		{"a crash", func(w http.ResponseWriter) {
			reply(w, 500, map[string]string{"name": "An Internal Error Has Occurred."})
		},
			"service unavailable: MISP has an internal problem (500). Try again later. It says: An Internal Error Has Occurred."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			third := written(t)
			r := serveWith(t, settings, upstream.Options{Transport: upstreamtest.Transport(third), Retries: 2}, credentials)
			add := actions(t, r, observable(ctim.TypeIP, "192.0.2.2"))["sighting"]
			tries := 0
			third.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/sightings/add" {
					return false
				}
				tries++
				tt.answer(w)
				return true
			}
			if got := take(t, r, add); got != tt.want || tries != 1 {
				t.Errorf("after %d tries:\n got %s\nwant %s", tries, got, tt.want)
			}
			third.before = nil
			if got := take(t, r, add); got != "" {
				t.Error(got)
			}
			if got := third.sightingsOf(); len(got) != 1 {
				t.Errorf("added %q", got)
			}
		})
	}
}

// Where the answer gets lost, nobody knows what became of the sighting. Taking
// the action again finds out.
func TestAnAnswerThatGetsLost(t *testing.T) {
	third := written(t)
	lost := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		third.ServeHTTP(w, r)
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
	if got := third.sightingsOf(); len(got) != 1 {
		t.Errorf("added %q", got)
	}
}
