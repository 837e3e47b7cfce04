// Package server is the relay protocol: routes, bodies, envelopes, errors,
// deadlines and verdicts, in front of a relay.Service.
//
// A request goes one way: authenticate, read the body, drop unsupported types
// and duplicates, connect a session with the caller's claims, ask it about the
// observables concurrently, and merge the results in the order asked. Each route
// is an http.Handler, so the same code runs in Lambda, in a server and in tests.
package server
