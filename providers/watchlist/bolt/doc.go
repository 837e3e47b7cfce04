// Package bolt stores a watchlist in one file, a bbolt database. One process can
// write to it, or several can read it. A crash loses nothing that a call has stored,
// and leaves no part of a Put.
//
// # The file
//
//	bucket   key                     content
//	meta     "version"               the version of this layout, a number
//	meta     "id"                    16 random bytes, which identify the file
//	entries  kind, zero byte, value  the entries under that key, in entry's binary form
//	counts   text of a Counter       the number of entries
//	history  ID of the change        the change, JSON
//
// Each value begins with a checksum of its bucket, key and content.
//
// # Damage
//
// bbolt trusts its pages. Damaged ones can make it loop or end the process, so it only
// writes. Type tree reads: it checks every page before using it, and compares the
// contents with checksums and counters. A damaged file causes an error, not a shorter
// list.
package bolt
