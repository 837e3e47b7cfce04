// Package ctim is the Cisco Threat Intelligence Model as far as a relay speaks
// it: the entities, their vocabularies, content-derived ids, and the rule by
// which judgements become a verdict.
//
// The model is CTIM 1.3.28, https://github.com/threatgrid/ctim. An entity's
// type and schema version are written by the entity itself, texts are cut to
// the length that the model allows, and times are written as the platform
// wants them, so a value that compiles and has its required fields is valid.
//
// The package knows nobody else in this module.
package ctim

//go:generate go run ./internal/vocabulary
