// Package lookup is the kit for the most common kind of provider: a third party that
// needs one or a few HTTP calls per observable. The author writes a Source, which is a
// relay.Provider with health, deliberate, observe and refer.
//
// A provider that needs more has two ways: embed a Session and add methods, such as
// those of relay.Responder (see Source.With), or implement relay.Provider.
package lookup
