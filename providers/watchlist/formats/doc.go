// Package formats reads files of indicators into entries of the watchlist. It also
// writes entries as a STIX bundle, for other tools and for backup.
//
// Read detects the format of a file: see Format. It drops nothing silently: each
// thing in a file becomes a Record with an entry, or with the reason why there is
// none.
//
// # STIX
//
// Each alternative of an indicator's pattern becomes an entry. The operands of an
// AND become a group, in which each entry counts only together with the others,
// unless all of them name the same thing: see matchOf. An alternative that can't
// be matched exactly is skipped, and the others are kept. The title is that of the
// report or grouping with the indicator. The entry's first seen is the date of the
// first sighting, or otherwise valid_from, where most publishers put it.
//
// # MISP
//
// Attributes of events and of their objects become entries if they are marked for
// detection (to_ids). An event's first link is the source URL of its entries, and
// its vulnerabilities are threats of all of them.
//
// # Tables
//
// The columns of a CSV, and the keys of JSON objects, are recognised by their names
// and their cells: see roleNames, kindNames and newTable. Case, space and
// punctuation in names don't matter. If it isn't clear which column has the values,
// the table is refused. Options.Columns chooses the columns.
//
// # Lists
//
// Each line starts with a value. Hosts files, ad-block lists and rules
// for name servers are lists too.
package formats
