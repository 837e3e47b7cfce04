package relaytest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// many returns n different observables of the known one's type that no stand-in knows.
func (c conformance) many(n int) (all []ctim.Observable) {
	for i := range n {
		value := fmt.Sprintf("nothing known %d", i)
		switch c.known.Type {
		case ctim.TypeIP:
			value = fmt.Sprintf("198.51.100.%d", i)
		case ctim.TypeIPv6:
			value = fmt.Sprintf("2001:db8::%x", i)
		case ctim.TypeDomain, ctim.TypeHostname:
			value = fmt.Sprintf("%d.nothing.example.net", i)
		case ctim.TypeURL:
			value = fmt.Sprintf("https://nothing.example.net/%d", i)
		case ctim.TypeMD5:
			value = fmt.Sprintf("%032x", i)
		case ctim.TypeSHA1:
			value = fmt.Sprintf("%040x", i)
		case ctim.TypeSHA256:
			value = fmt.Sprintf("%064x", i)
		}
		all = append(all, ctim.Observable{Type: c.known.Type, Value: value})
	}
	return all
}

// halfway checks the answer about 50 observables if the third party responds to the
// first 20 calls, and to all others with a status: its errors have the code that want
// names. A provider that asks about all of them in fewer calls has no error.
func (c conformance) halfway(t *testing.T, status int, want relay.Code) {
	const answered = 20
	for _, route := range c.routes() {
		// ask returns the answer if the first most calls are answered, and the number of calls.
		ask := func(most int32) (Answer, int32) {
			var calls atomic.Int32
			r := c.serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				text, req := contentOf(req)
				if !strings.Contains(text, "grant_type=client_credentials") && calls.Add(1) > most {
					w.WriteHeader(status)
					return
				}
				c.standIn.ServeHTTP(w, req)
			}))
			a := r.Ask(t, route, append([]ctim.Observable{c.known}, c.many(49)...)...)
			return a, calls.Load()
		}
		_, all := ask(math.MaxInt32)
		a, calls := ask(answered)
		other := slices.ContainsFunc(a.Errors, func(e relay.Error) bool { return e.Code != want })
		if other || (len(a.Errors) > 0) != (calls > answered) {
			t.Errorf("%s: %d calls, want %s, got %v", route, calls, want, a.Errors)
		}
		// Those under way when the first one is refused may be retried twice.
		perObservable := (all + 49) / 50
		if most := answered + 3*server.DefaultConcurrency*perObservable; calls > most {
			t.Errorf("%s: %d calls, want %d at most", route, calls, most)
		}
	}
}
