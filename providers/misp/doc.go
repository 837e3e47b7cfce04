// Package misp connects the relay to MISP servers: it reports what a server knows
// about an observable, and adds an analyst's sightings.
//
// The server's address and the user's automation key are the caller's credentials
// HOST and AuthKey. The relay sees what that user may see. README.md describes how
// verdicts are derived.
//
// # Requests
//
// The observables of a request are searched for in batches with
// /attributes/restSearch, which sends the matching attributes with the heads of
// their events. So the cost depends on how often a value is in MISP, and not on
// the size of its events. Observe then fetches the galaxies, links and
// vulnerabilities of the events in its response. If a batch fails, its observables
// are searched for one by one.
//
// MISP finds whole values and halves of composites, without regard to case. The
// relay compares what it finds in normal form (package normalize).
//
// # Actions
//
// An action adds a sighting to each attribute with the observable. MISP wouldn't
// notice a repeat, so the action carries a hash of the sightings at the time when
// it was offered, and of the caller. The hash becomes part of the sighting's
// source ("Cisco XDR 0123456789abcdef"), and an attribute that has a sighting of
// that type and source gets no other. Adding it changes the hash, so that opening
// the menu again offers another action.
//
// A sighting belongs to a whole attribute. If the observable is one half of it,
// the source names the half, and the relay ignores the sighting for the other.
//
// This has limits. Two relays that receive the same trigger concurrently may both add
// the sighting. Within one process the second waits for the first. If two people with
// one key open the menu before either acts, they add one sighting together. An
// expiration replaces the organisation's previous one, so a repeat of the previous one
// isn't noticed.
package misp
