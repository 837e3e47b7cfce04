// Package misp asks a MISP server what it knows about an observable, and tells
// it what an analyst has to say.
//
// The server's address and the user's automation key are credentials of the
// caller: HOST and AuthKey. What the relay finds is what that user may see.
//
// # What counts
//
// Events are searched for by value, and of those an event counts for an
// observable that has it in an attribute, of the event or of one of its
// objects, whole or as a part of a composite such as domain|ip. Values are
// compared in their normal form. Deleted attributes don't count. MISP searches
// for whole values: an address is not found by a network around it, nor a URL
// by its domain.
//
// # Events in CTIM
//
// Each event is an indicator, what it says about the observable a judgement,
// and that it says so a sighting on the event's day. The threat level gives the
// disposition: high is Malicious, medium Suspicious, low Common and undefined
// Unknown. A judgement holds from today for seven days, for a hash for ever.
// Galaxies and vulnerabilities are what the indicator indicates.
//
// What is not meant for detection is not held to be as bad: where to_ids is not
// set, and for the name of a file whose hash is beside it, Malicious becomes
// Suspicious, and Suspicious Unknown, with low confidence. MISP_TO_IDS_ONLY
// leaves such attributes out. Of several attributes of an event the worst one
// that still holds decides, and of several events the worst.
//
// # Sightings
//
// That organisations saw the value is one sighting more for each event: how
// often, from when to when, and by whom.
//
// False positives lower the disposition as a missing to_ids does. They count
// when at least as many organisations say "false positive" as say "seen"; of
// one organisation the last word counts, however often it said the other.
//
// An expiration ends the judgement at its date, unless somebody saw the value
// after that date. The judgement is still there, but no longer valid, so that it
// doesn't count for the verdict.
//
// # Actions
//
// The three actions add a sighting, a false positive or an expiration by value:
// to all attributes with this value that the user may see. MISP has nothing by
// which it would notice a repeat, and makes a second sighting of it. So an
// action carries a hash of the sightings that there were when it was offered,
// and of the caller. The hash becomes part of the sighting's source ("Cisco XDR
// 0123456789abcdef"), and before a sighting is added the relay looks whether an
// attribute has one of that type and source already: then there is nothing to
// do. As soon as a sighting is added, whoever opens the menu again is offered
// another action.
//
// This has limits. Two relays that get the same trigger at the same moment can
// both add it, for nothing ties the look to the addition; in one process the
// second waits for the first. Two people with one key who saw the same menu add
// one sighting together. An expiration replaces the organisation's last one, so
// that a repeat of the one before isn't noticed any more. And where the server's
// setting MISP.disable_sighting_loading hides sightings, no repeat is.
package misp
