// Package ctim implements the part of the Cisco Threat Intelligence Model that a
// relay needs: the entities, their vocabularies, ids derived from content, and the
// rule that decides the verdict from judgements.
//
// The model is CTIM 1.3.28, https://github.com/threatgrid/ctim. Encoding an entity
// adds its type and schema version, cuts texts to the lengths that the model allows,
// and writes times in the platform's form. So a value that compiles and has its
// required fields is valid.
//
// The package imports no other package of this module.
package ctim
