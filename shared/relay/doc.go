// Package relay is the contract between a relay and a provider: all that the
// author of a provider needs to know. A Provider declares one third party and
// opens a Service; the Service connects a Session for each request; the Session
// answers about one observable at a time.
//
// A provider that looks an observable up with one or a few calls is a
// lookup.Source and needs little of this package. Package server is the other
// side: routes, bodies, envelopes, deadlines and verdicts.
package relay
