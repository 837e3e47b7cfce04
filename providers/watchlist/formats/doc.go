// Package formats reads the files in which people share indicators, and makes
// entries of the watchlist from them. It also writes entries as a STIX bundle,
// for other tools and for backup.
//
// Read finds out what a file is: see Format. Nothing is dropped in silence: what
// is in a file comes back as a Record, with an entry or with the reason why there
// is none.
//
// # STIX
//
// Each alternative of an indicator's pattern becomes an entry. The operands of an
// AND become a group, in which each entry counts only together with the others,
// unless all of them name the same thing: see matchOf. An alternative that can't
// be matched exactly is skipped, and the others are kept. The report or grouping
// that refers to the indicator gives the title. The first sighting gives the
// date of first seen, or otherwise valid_from: most publishers put it there.
//
// # MISP
//
// Attributes of events and of their objects become entries if they are meant for
// detection (to_ids). An event's first link is where it can be read, and its
// vulnerabilities are what all its entries indicate.
//
// # Tables
//
// The columns of a CSV, and the keys of JSON objects, are known by their names
// and by what is in them: see roleNames, kindNames and newTable. Case, space and
// punctuation in names don't matter. A table of which it isn't clear what the
// values are is refused; Options.Columns settles it.
//
// # Lists
//
// Each line starts with a value. Hosts files, ad-block lists and rules
// for name servers are lists too.
package formats
