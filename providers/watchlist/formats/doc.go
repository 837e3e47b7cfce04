// Package formats reads the files in which people keep and share indicators,
// and makes entries of the watchlist from them. It also writes entries as a
// STIX bundle, for other tools and for backup.
//
// It reads STIX 2.0 and 2.1 bundles, MISP events, CSV with a header, and plain
// lists with hosts files and simple ad-block lists among them. Read finds out
// by itself which of these a file is.
//
// Nothing is dropped in silence: what was in a file comes back as a Record,
// either with an entry or with the reason why there is none.
//
// # STIX
//
// Each indicator's pattern is taken apart. What an OR or IN lists becomes an
// entry each; what an AND joins becomes a group, in which each entry counts
// only together with the others. An alternative that can't be matched exactly
// is skipped, and the others are kept. An entry's title is that of the report
// or grouping that refers to the indicator. It was first seen at the first
// sighting of the indicator, or where there is none when the indicator became
// valid: most publishers put that date there.
//
// # MISP
//
// Attributes of events and of their objects become entries where they are
// meant for detection (to_ids). An event's first link is where it can be read,
// and its vulnerabilities are what all its entries indicate. An attribute was
// first seen when it says so, or when its object does, or at the event's date.
//
// # CSV
//
// The header needs a column for the value, named value, indicator, ioc or
// observable, or columns named like types: ip, domain, sha256. Others are
// type, disposition, severity, confidence, tlp, title, description, tags,
// source, source_url, first_seen, valid_from, valid_until, subdomains,
// external_id, malware, tool, actor, campaign, attack_pattern and
// vulnerability, and some more names for these. Case, space, underscores and
// hyphens don't matter. Fields are between commas, semicolons or tabs, or
// whatever a first line such as "sep=|" says of these and the bar. Those with
// several values have them between semicolons, bars or commas.
package formats
