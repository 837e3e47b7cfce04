// Package examples contains observables for examples and tests.
package examples

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Observables returns two observables of a type. Their values are reserved for
// documentation, if the type has such values.
func Observables(t ctim.ObservableType) [2]ctim.Observable {
	values := [2]string{"example", "another example"}
	switch t {
	case ctim.TypeIP:
		values = [2]string{"192.0.2.1", "192.0.2.2"}
	case ctim.TypeIPv6:
		values = [2]string{"2001:db8::1", "2001:db8::2"}
	case ctim.TypeDomain, ctim.TypeHostname:
		values = [2]string{"www.example.com", "www.example.net"}
	case ctim.TypeURL:
		values = [2]string{"https://www.example.com/", "https://www.example.net/"}
	case ctim.TypeEmail:
		values = [2]string{"ann@example.com", "ben@example.com"}
	case ctim.TypeMD5:
		values = hashes(32)
	case ctim.TypeSHA1:
		values = hashes(40)
	case ctim.TypeSHA256:
		values = hashes(64)
	}
	return [2]ctim.Observable{{Type: t, Value: values[0]}, {Type: t, Value: values[1]}}
}

// hashes returns two hashes of n hexadecimal digits that no known file has.
func hashes(n int) [2]string {
	return [2]string{strings.Repeat("0", n), strings.Repeat("1", n)}
}
