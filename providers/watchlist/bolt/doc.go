// Package bolt keeps a watchlist in one file, a bbolt database. Entries lie in
// a bucket for each kind of observable, under the observable's value; the value
// stored is the JSON list of the entries that different sources have about it.
//
// One process may write; several may read a file that nobody writes to. What
// was acknowledged survives a crash, and a crash leaves no half of a Put.
package bolt
