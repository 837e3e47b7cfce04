// Package lookup is the kit for the common kind of provider: a third party that
// is asked about one observable with one or a few HTTP calls. Its author writes
// a Source; the package makes the relay.Provider of it, with health, deliberate,
// observe and refer.
//
// For more there are two exits: embed a Session and add methods to it, such as
// those of a relay.Responder (see Source.With), or implement relay.Provider.
package lookup
