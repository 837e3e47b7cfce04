// Package bolt stores a watchlist in one file, a bbolt database. One process can
// write to it, or several can read it. A crash loses nothing that was
// acknowledged and leaves no half of a Put.
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
// bbolt trusts its pages: damaged ones can send it round in circles or make it
// end the process. So bbolt only writes. Type tree reads, checks every page
// before it uses it, and compares what it finds with the checksums and
// counters: a damaged file causes an error, not a shorter list.
package bolt
