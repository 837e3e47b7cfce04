package relaytest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Many returns n different observables of a type that no stand-in knows, up to 256.
func Many(kind ctim.ObservableType, n int) (all []ctim.Observable) {
	format, ok := map[ctim.ObservableType]string{
		ctim.TypeIP: "198.51.100.%d", ctim.TypeIPv6: "2001:db8::edda:%x", ctim.TypeURL: `https://nothing.example.net/%d?a=b&c=%%20'"`,
		ctim.TypeDomain: "%d.nothing.example.net", ctim.TypeHostname: "%d.nothing.example.net", ctim.TypeEmail: "nobody%d@example.net",
		ctim.TypeMD5: "%032x", ctim.TypeSHA1: "%040x", ctim.TypeSHA256: "%064x",
	}[kind]
	if !ok {
		format = `nothing "known" \ here %d`
	}
	for i := range n {
		all = append(all, ctim.Observable{Type: kind, Value: fmt.Sprintf(format, i)})
	}
	return all
}

// Always is a third party that responds to everything with this.
func Always(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Errors checks the Codes of the errors about an observable by the response that the third
// party always sends, except to requests for a token (OAuth2): a status and a body, such as
// "404 {}". No response makes a verdict.
func Errors(t *testing.T, p relay.Provider, o ctim.Observable, codes map[string]string) {
	t.Helper()
	for response, want := range codes {
		text, body, _ := strings.Cut(response, " ")
		status, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range []string{"/deliberate/observables", "/observe/observables"} {
			synctest.Test(t, func(t *testing.T) { // pauses take no time
				a := Serve(t, p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.FormValue("grant_type") == "client_credentials" {
						w.Header().Set("Content-Type", "application/json")
						_, _ = io.WriteString(w, `{"access_token": "t0ken", "token_type": "Bearer"}`)
						return
					}
					Always(status, body).ServeHTTP(w, r)
				}), Options{}).Ask(t, route, o)
				if a.Codes() != want || len(a.Docs(t, "verdicts")) > 0 {
					t.Errorf("%s: %s: got %s", route, response, a.Raw)
				}
			})
		}
	}
}

// Slow asks about observables if each call of the third party takes 200 ms. The test
// fails if the answer takes longer than most, in the time of a synctest bubble, or has
// errors.
func Slow(t *testing.T, p relay.Provider, standIn http.Handler, o Options, most time.Duration, observables ...ctim.Observable) (a Answer) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := Serve(t, p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(200 * time.Millisecond)
			standIn.ServeHTTP(w, r)
		}), o)
		start := time.Now()
		a = r.Ask(t, "/observe/observables", observables...)
		if took := time.Since(start); took > most || len(a.Errors) > 0 {
			t.Errorf("took %v, %v", took, a.Errors)
		}
	})
	return a
}
