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
// which it would notice a repeat. So the time at which the action was offered
// goes with it to the platform and back; it becomes the sighting's date, and
// part of its source ("Cisco XDR 2026-01-15T09:30:00.000Z"). Before a sighting
// is added the relay looks whether an attribute has one of this type and source
// already, and if so there is nothing to do. An offer is good for a day.
//
// This has limits. Two relays that get the same trigger in the same second can
// both add it, for nothing ties the look to the addition; in one process the
// second waits for the first. Where the server's setting
// MISP.disable_sighting_loading hides sightings, a repeat isn't noticed. And
// what is added to an attribute between a trigger and its repeat isn't added
// then.
package misp
