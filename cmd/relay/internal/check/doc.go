// Package check asks a live relay all that the platform may ask it, and all
// that nobody should, and says where the answers are not those of the protocol.
//
// It changes nothing: actions are only taken where Options.Trigger names them.
// A failure is something that the protocol rules out. A warning is a difference
// where the protocol leaves room, as relays of other makes show them.
package check
