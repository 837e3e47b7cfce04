// Package server implements the relay protocol in front of a relay.Service: routes,
// bodies, envelopes, errors, deadlines and verdicts.
//
// It handles a request in this order: authenticate, read the body, drop unsupported
// types and duplicates, connect a session with the caller's claims, look up the
// observables concurrently, and merge the results in the order of the observables.
// Each route is an http.Handler, so the same code runs in Lambda, in a server and in
// tests.
package server
