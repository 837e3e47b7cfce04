// Package relaytest tests providers. Conform tests the requirements for every
// provider, Golden compares answers with recorded ones, and Serve starts a relay for
// all other tests.
//
// The third party is replaced by a stand-in: an http.Handler that responds as its
// documentation describes. It is called without a network. In a synctest bubble, slow
// responses and timeouts take no time.
package relaytest
