package main

import (
	"cmp"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// documentation is an observable of that type to show how to ask: a value that
// is reserved for documentation, where there is one.
func documentation(t ctim.ObservableType) ctim.Observable {
	values := map[ctim.ObservableType]string{
		ctim.TypeIP: "192.0.2.1", ctim.TypeIPv6: "2001:db8::1", ctim.TypeDomain: "www.example.com", ctim.TypeHostname: "www.example.com",
		ctim.TypeURL: "https://www.example.com/", ctim.TypeEmail: "ann@example.com", ctim.TypeMD5: strings.Repeat("0", 32),
		ctim.TypeSHA1: strings.Repeat("0", 40), ctim.TypeSHA256: strings.Repeat("0", 64),
	}
	return ctim.Observable{Type: t, Value: cmp.Or(values[t], "example")}
}
