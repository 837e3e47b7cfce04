package entry

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

func TestLookupKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		observable ctim.Observable
		want       []Key
	}{
		{ctim.Observable{Type: ctim.TypeDomain, Value: "a.example.com"}, []Key{{KindDomain, "a.example.com"}, {KindDomain, "example.com"}}},
		{ctim.Observable{Type: ctim.TypeHostname, Value: "localhost"}, []Key{{KindDomain, "localhost"}}},
		{ctim.Observable{Type: ctim.TypeURL, Value: "http://example.com/a"}, []Key{{Kind(ctim.TypeURL), "http://example.com/a"}, {KindDomain, "example.com"}}},
	} {
		if diff := cmp.Diff(tt.want, LookupKeys(tt.observable)); diff != "" {
			t.Error(diff)
		}
	}
}

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
