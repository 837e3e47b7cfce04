// Package formats reads files of indicators into entries of the watchlist. It also
// writes entries as a STIX bundle, for other tools and for backup.
//
// Read detects the format of a file: see Format. Everything in a file becomes a Record
// with an entry, or with the reason why it is skipped.
//
// # STIX
//
// Each alternative of an indicator's pattern becomes an entry. The operands of an AND
// become a group of entries that match only together, unless they all name the same
// thing: see matchOf. Alternatives that can't be matched exactly are skipped. The title
// is that of the report or grouping that contains the indicator. An entry is first seen
// at the first sighting, or otherwise at valid_from, as most publishers mean it.
//
// # MISP
//
// Attributes of events and of their objects become entries if they are marked for
// detection (to_ids). All entries of an event have its first link as their source URL,
// and its vulnerabilities as threats.
//
// # Tables
//
// The columns of a CSV, and the keys of JSON objects, are recognised by their names and
// cells: see roleNames, kindNames and newTable. Case, space and punctuation in names
// don't matter. A table is refused if it isn't clear which column has the values.
// Options.Columns chooses the columns.
//
// # Lists
//
// Each line starts with a value. Hosts files, ad-block lists and rules for name servers
// are lists too.
package formats
