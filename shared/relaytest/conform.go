package relaytest

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/upstream/upstreamtest"
)

// Conform tests the requirements for every provider. standIn is the third party. It
// must know the observable known, and no other.
//
// Conform tests that
//   - the provider opens the sessions that it declares, and names invalid settings;
//   - answers are valid, equal when repeated, and empty for unknown observables;
//   - private addresses are not sent to a third party that serves all callers;
//   - each fault of the third party becomes the right error on each route, without a
//     judgement;
//   - an observable that hangs doesn't affect others;
//   - after a refused credential or a used-up quota no further calls are made, and what
//     was answered before stays;
//   - a value of another type than documented, or a missing one, anywhere in a response
//     makes no invalid answer; a number in quotes is read as one, or is an error;
//   - credentials are neither in errors nor in the log, and observables not in the log.
func Conform(t *testing.T, p relay.Provider, standIn http.Handler, known ctim.Observable, o Options) {
	t.Helper()
	c := conformance{p, p.Declaration(), standIn, known, o}
	if c.Claims == nil {
		c.Claims = secrets(c.d)
	}
	t.Run("declaration", c.declaration)
	t.Run("settings", c.settings)
	for name, test := range map[string]func(*testing.T){
		"known":           c.knownObservable,
		"unknown":         c.unknownObservables,
		"private":         c.privateObservables,
		"one hangs":       c.oneHangs,
		"echo":            c.echo,
		"bad credentials": c.badCredentials,
		"refused halfway": func(t *testing.T) { c.halfway(t, http.StatusUnauthorized, relay.CodeAuthorization) },
		"limited halfway": func(t *testing.T) { c.halfway(t, http.StatusTooManyRequests, relay.CodeTooManyRequests) },
		"other types":     c.otherTypes,
	} {
		t.Run(name, func(t *testing.T) { c.inBubble(t, test) })
	}
	for _, fault := range upstreamtest.Faults() {
		t.Run("the third party "+fault.Name, func(t *testing.T) {
			c.inBubble(t, func(t *testing.T) { c.fault(t, fault) })
		})
	}
}

type conformance struct {
	p       relay.Provider
	d       relay.Declaration
	standIn http.Handler
	known   ctim.Observable
	Options
}

// inBubble runs a test in a synctest bubble. A bubble begins in 2000, when no judgement of
// a realistic stand-in is valid yet, so its clock is set to Options.Time, or else to the
// time of the golden case that relay new writes.
func (c conformance) inBubble(t *testing.T, test func(*testing.T)) {
	now := c.Time
	if now.IsZero() {
		now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		test(t)
	})
}

// serve starts a relay with a stand-in.
func (c conformance) serve(t *testing.T, standIn http.Handler) *Relay {
	t.Helper()
	return Serve(t, c.p, standIn, c.Options)
}

// routes returns the provider's routes about observables.
func (c conformance) routes() []string {
	var routes []string
	for _, capability := range []relay.Capability{relay.CapabilityDeliberate, relay.CapabilityObserve, relay.CapabilityRefer, relay.CapabilityRespond} {
		if capability.Of(c.d.Session) {
			routes = append(routes, "/"+capability.APIs()[0])
		}
	}
	return routes
}

var validName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

func (c conformance) declaration(t *testing.T) {
	if !validName.MatchString(c.d.Name) || c.d.Title == "" {
		t.Errorf("name %q and title %q", c.d.Name, c.d.Title)
	}
	if len(c.d.ObservableTypes) == 0 || len(c.d.Capabilities()) == 0 {
		t.Errorf("types %v, capabilities %v", c.d.ObservableTypes, c.d.Capabilities())
	}
	if !slices.Contains(c.d.ObservableTypes, c.known.Type) {
		t.Errorf("the type %s of the known observable isn't declared", c.known.Type)
	}
	for _, credential := range c.d.Credentials {
		if credential.Name == "" || credential.Prompt == "" {
			t.Errorf("credential %+v needs a name and a prompt", credential)
		}
	}
	service, err := c.p.Open(relay.OpenOptions{Transport: upstreamtest.Transport(c.standIn)})
	if err != nil {
		t.Fatal(err)
	}
	session, err := service.Connect(t.Context(), relay.Request{Claims: relay.NewClaims(c.Claims), Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if got, declared := reflect.TypeOf(session), reflect.TypeOf(c.d.Session); got != declared {
		t.Errorf("the declared session is a %v, the opened one a %v", declared, got)
	}
}

// settings checks that an invalid value stops startup with an error that names the
// variable, and doesn't contain the value, which may be a secret.
func (c conformance) settings(t *testing.T) {
	for _, setting := range c.d.Settings() {
		if setting.Text {
			continue // any text may be valid
		}
		t.Run(setting.Name, func(t *testing.T) {
			if !strings.HasPrefix(setting.Name, strings.ToUpper(c.d.Name)+"_") {
				t.Errorf("the setting %s doesn't begin with the provider's name", setting.Name)
			}
			t.Setenv(setting.Name, "://hunter2")
			if _, err := c.p.Open(relay.OpenOptions{}); err == nil || !strings.Contains(err.Error(), setting.Name) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func (c conformance) knownObservable(t *testing.T) {
	r := c.serve(t, c.standIn)
	if relay.CapabilityHealth.Of(c.d.Session) {
		if a := r.Post(t.Context(), t, "/health", nil); len(a.Errors) > 0 {
			t.Errorf("/health: %s", a.Raw)
		}
	}
	answers := map[string]Answer{}
	for _, route := range c.routes() {
		a := r.Ask(t, route, c.known)
		if len(a.Errors) > 0 {
			t.Errorf("%s: %s", route, a.Raw)
		} else if len(a.Data) <= len(`{}`) {
			t.Errorf("%s: got %s\nThe stand-in must know %s, and a judgement must be valid at Options.Time, by default on 2026-11-20. "+
				"If the third party has no data for this route, leave its methods out of the sessions.", route, a.Raw, c.known.Value)
		}
		if again := r.Ask(t, route, c.known); again.Raw != a.Raw {
			t.Errorf("%s: the answer differs when repeated: %s", route, cmp.Diff(a.Raw, again.Raw))
		}
		answers[route] = a
	}
	observe, ok := answers["/observe/observables"]
	if deliberate, both := answers["/deliberate/observables"]; ok && both {
		if diff := cmp.Diff(observe.Docs(t, "verdicts"), deliberate.Docs(t, "verdicts")); diff != "" {
			t.Errorf("observe (-) and deliberate (+) have different verdicts: %s", diff)
		}
	}
}

// unknown returns an observable of each declared type that no stand-in knows.
func (c conformance) unknown() (all []ctim.Observable) {
	for _, kind := range c.d.ObservableTypes {
		all = append(all, Many(kind, 1)...)
	}
	return all
}

func (c conformance) unknownObservables(t *testing.T) {
	r := c.serve(t, c.standIn)
	for _, route := range c.routes() {
		a := r.Ask(t, route, c.unknown()...)
		if len(a.Errors) > 0 {
			t.Errorf("%s: %s", route, a.Raw)
		}
		if route == "/deliberate/observables" || route == "/observe/observables" {
			if string(a.Data) != "{}" {
				t.Errorf("%s: data about unknown observables: %s", route, a.Raw)
			}
		}
	}
	// Invalid values are unknown too.
	var invalid []ctim.Observable
	for _, kind := range c.d.ObservableTypes {
		invalid = append(invalid, ctim.Observable{Type: kind, Value: "\"><script>' OR 1=1 --\n"})
	}
	for _, route := range c.routes() {
		if a := r.Ask(t, route, invalid...); len(a.Errors) > 0 {
			t.Errorf("%s about invalid values: %s", route, a.Raw)
		}
	}
}

// privateObservables checks that observables that mean something only in the caller's
// own network are not sent to a third party, unless the caller hosts it.
func (c conformance) privateObservables(t *testing.T) {
	if c.selfHosted() {
		t.Skip("callers host the third party themselves")
	}
	if c.Internal {
		t.Skip("the third party watches the callers' own networks")
	}
	private := map[ctim.ObservableType][]string{
		ctim.TypeIP:     {"10.1.2.3", "192.168.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "203.0.113.0/24"},
		ctim.TypeIPv6:   {"::1", "fe80::1", "fd12::1", "::ffff:10.0.0.1"},
		ctim.TypeDomain: {"localhost", "printer.local", "wiki.internal"}, ctim.TypeHostname: {"localhost", "nas.lan"},
		ctim.TypeURL: {"http://10.0.0.1/a", "http://wiki.internal/", "http://[fd12::1]/"},
	}
	var all []ctim.Observable
	for _, kind := range c.d.ObservableTypes {
		for _, value := range private[kind] {
			all = append(all, ctim.Observable{Type: kind, Value: value})
		}
	}
	if len(all) == 0 {
		t.Skip("no supported type can be private")
	}
	var calls atomic.Int32
	r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	for _, route := range c.routes() {
		calls.Store(0)
		if a := r.Ask(t, route, all...); len(a.Errors) > 0 || calls.Load() > 0 {
			t.Errorf("%s: %d calls about private addresses, %s", route, calls.Load(), a.Raw)
		}
	}
}

// selfHosted reports whether the address of the third party is a claim.
func (c conformance) selfHosted() bool {
	return slices.ContainsFunc(c.d.Credentials, func(credential relay.Credential) bool {
		text, ok := c.Claims[credential.Name].(string)
		return ok && strings.HasPrefix(text, "https://")
	})
}

// oneHangs checks answers if the third party doesn't respond about one of several
// observables.
func (c conformance) oneHangs(t *testing.T) {
	r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, clone := contentOf(req)
		if strings.Contains(text, c.known.Value) {
			<-req.Context().Done()
			return
		}
		c.standIn.ServeHTTP(w, clone)
	}))
	for _, route := range c.routes() {
		if route == "/refer/observables" || route == "/respond/observables" {
			continue // they may need no call
		}
		a := r.Ask(t, route, append(c.unknown(), c.known)...)
		if a.Codes() != "error timeout" && len(c.unknown()) > 0 || len(a.Errors) != 1 || !strings.Contains(a.Errors[0].Message, c.known.Value) {
			t.Errorf("%s: want a timeout of %s alone, got %s", route, c.known.Value, a.Raw)
		}
	}
}

// contentOf returns the URL and body of a request, and a clone with an unread body.
func contentOf(r *http.Request) (string, *http.Request) {
	body, _ := io.ReadAll(r.Body)
	clone := r.Clone(r.Context())
	clone.Body = io.NopCloser(strings.NewReader(string(body)))
	return fmt.Sprint(r.URL.Host, r.URL.Path, r.URL.Query(), string(body)), clone
}

// echo checks answers and log if the third party's error repeats the request. The
// credential must be in neither, and the observable not in the log.
func (c conformance) echo(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError} {
		r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			text, _ := contentOf(req)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"message":%q,"errors":[{"detail":%q}],"error":%q}`, fmt.Sprint(req.Header), text, fmt.Sprint(req.URL, req.Header))
		}))
		var all strings.Builder
		for _, route := range append(c.routes(), "/health") {
			all.WriteString(r.Ask(t, route, c.known).Raw)
		}
		for name, value := range c.Claims {
			secret, ok := value.(string)
			if ok && strings.HasPrefix(secret, "s3cr3t") && strings.Contains(all.String()+r.Log(), secret) {
				t.Errorf("status %d: the credential %s is in the answer or the log: %s %s", status, name, all.String(), r.Log())
			}
		}
		if strings.Contains(r.Log(), c.known.Value) {
			t.Errorf("status %d: the log has the observable: %s", status, r.Log())
		}
	}
}

// badCredentials checks that credentials can't inject headers.
func (c conformance) badCredentials(t *testing.T) {
	for _, credential := range c.d.Credentials {
		claims := map[string]any{}
		for name, value := range c.Claims {
			claims[name] = value
		}
		claims[credential.Name] = "s3cr3t\r\nX-Injected: 1"
		bad := c
		bad.Claims = claims
		r := bad.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Header.Get("X-Injected") != "" {
				t.Errorf("credential %s: a header was injected", credential.Name)
			}
			c.standIn.ServeHTTP(w, req)
		}))
		a := r.Ask(t, c.routes()[0], c.known)
		if len(a.Errors) == 0 && strings.Contains(a.Raw, "s3cr3t") || strings.Contains(a.Raw+r.Log(), "Injected") {
			t.Errorf("credential %s with a line break: %s %s", credential.Name, a.Raw, r.Log())
		}
	}
}

// fault checks the errors if the third party fails, on every route.
func (c conformance) fault(t *testing.T, fault upstreamtest.Fault) {
	var calls atomic.Int32
	r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		text, req := contentOf(req)
		if strings.Contains(text, "grant_type=client_credentials") {
			c.standIn.ServeHTTP(w, req) // package upstream tests tokens that can't be got
			return
		}
		calls.Add(1)
		fault.Serve(w, req)
	}))
	routes := c.routes()
	if relay.CapabilityHealth.Of(c.d.Session) {
		routes = append(routes, "/health")
	}
	for _, route := range routes {
		calls.Store(0)
		a := r.Ask(t, route, c.known)
		if calls.Load() == 0 {
			continue // the route needs no call
		}
		codes := []string{"fatal " + string(fault.Code)}
		if fault.Code == relay.CodeAuthorization {
			codes = append(codes, "fatal "+string(relay.CodePermissionDenied)) // the meaning of a 403 depends on the third party
		}
		if !slices.Contains(codes, a.Codes()) || !strings.Contains(a.Errors[0].Message, c.d.Title) {
			t.Errorf("%s: want %s and the name %s, got %s", route, codes[0], c.d.Title, a.Raw)
		}
		if strings.Contains(a.Raw, `"disposition"`) {
			t.Errorf("%s: a judgement without a response of the third party: %s", route, a.Raw)
		}
	}
	if strings.Contains(r.Log(), "s3cr3t") || strings.Contains(r.Log(), c.known.Value) {
		t.Errorf("the log has a credential or an observable: %s", r.Log())
	}
}

// halfway checks the answer about 50 observables if the third party responds to the
// first 20 calls, and to all others with a status: its errors must have the code
// want. A provider that asks about all of them in fewer calls has no error.
func (c conformance) halfway(t *testing.T, status int, want relay.Code) {
	const before = 20
	for _, route := range c.routes() {
		var answered atomic.Bool // about the known observable
		// ask returns the answer if the first most calls are answered, and the number of calls.
		ask := func(most int32) (Answer, int32) {
			var calls atomic.Int32
			answered.Store(false)
			r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				text, req := contentOf(req)
				if !strings.Contains(text, "grant_type=client_credentials") && calls.Add(1) > most {
					w.WriteHeader(status)
					return
				}
				if strings.Contains(text, c.known.Value) {
					answered.Store(true)
				}
				c.standIn.ServeHTTP(w, req)
			}))
			a := r.Ask(t, route, append([]ctim.Observable{c.known}, Many(c.known.Type, 49)...)...)
			return a, calls.Load()
		}
		_, all := ask(math.MaxInt32)
		a, calls := ask(before)
		other := slices.ContainsFunc(a.Errors, func(e relay.Error) bool { return e.Code != want })
		if other || (len(a.Errors) > 0) != (calls > before) {
			t.Errorf("%s: %d calls, want %s, got %v", route, calls, want, a.Errors)
		}
		perObservable := (all + 49) / 50
		if answered.Load() && perObservable == 1 && len(a.Data) <= len(`{}`) {
			t.Errorf("%s: what was answered before is gone: %s", route, a.Raw)
		}
		// Those under way when the first one is refused may be retried twice.
		if most := before + 3*server.DefaultConcurrency*perObservable; calls > most {
			t.Errorf("%s: %d calls, want %d at most", route, calls, most)
		}
	}
}
