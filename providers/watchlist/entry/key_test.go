package entry

import (
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

func FuzzLookupKeys(f *testing.F) {
	for _, value := range []string{"192.0.2.1", "2001:db8::1", "a.b.example", "http://[::1]/", "http://u@a..b/", "..", "%"} {
		for _, kind := range []ctim.ObservableType{ctim.TypeIP, ctim.TypeDomain, ctim.TypeURL, ctim.TypeFileName} {
			f.Add(string(kind), value)
		}
	}
	f.Fuzz(func(t *testing.T, kind, value string) {
		o, err := normalize.Observable(ctim.Observable{Type: ctim.ObservableType(kind), Value: value})
		if err != nil {
			return
		}
		keys := LookupKeys(o)
		if keys[0] != KeyOf(o) {
			t.Errorf("%v is not found under its own key first", o)
		}
		seen := map[Key]bool{}
		for _, key := range keys {
			if seen[key] {
				t.Errorf("%v is looked up twice under %v", o, key)
			}
			seen[key] = true
		}
	})
}
