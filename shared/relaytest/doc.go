// Package relaytest tests providers. Conform tests what must be true of every
// provider, Golden compares answers with recorded ones, and Serve is a relay for
// the tests of what is special.
//
// The third party is a stand-in: an http.Handler that answers as the third
// party's documentation says. It is called without a network, in the time of a
// synctest bubble, so that slowness and timeouts cost no time.
package relaytest
