// Package examples contains observables for examples and tests.
package examples

import (
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Common returns an observable of each common type. Their values are reserved for
// documentation, or hashes that no known file has.
func Common() []ctim.Observable {
	return []ctim.Observable{
		{Type: ctim.TypeIP, Value: "192.0.2.1"},
		{Type: ctim.TypeIPv6, Value: "2001:db8::1"},
		{Type: ctim.TypeDomain, Value: "www.example.com"},
		{Type: ctim.TypeHostname, Value: "www.example.com"},
		{Type: ctim.TypeURL, Value: "https://www.example.com/"},
		{Type: ctim.TypeEmail, Value: "ann@example.com"},
		{Type: ctim.TypeMD5, Value: strings.Repeat("0", 32)},
		{Type: ctim.TypeSHA1, Value: strings.Repeat("0", 40)},
		{Type: ctim.TypeSHA256, Value: strings.Repeat("0", 64)},
	}
}

// Observable returns an observable of any type.
func Observable(t ctim.ObservableType) ctim.Observable {
	all := Common()
	if i := slices.IndexFunc(all, func(o ctim.Observable) bool { return o.Type == t }); i >= 0 {
		return all[i]
	}
	return ctim.Observable{Type: t, Value: "example"}
}
