// Package relay is the protocol between Cisco XDR and a third party: the
// routes with their bodies, the envelope of answers and errors, the contract
// of a Provider, and the fan-out of a request's observables to it.
//
// A request goes one way: authenticate, read the body, drop what is not
// supported and what was asked before, connect to the provider with the
// caller's claims, ask about the observables side by side, and put the answers
// together in the order asked. Each route is a plain http.Handler, so the same
// code runs in a Lambda, in a server and in a test.
package relay
