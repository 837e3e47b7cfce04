// Package importer puts what files say into a watchlist.
//
// An import reads all of its files before it writes: what is read is sorted by
// key, on disk if it is much, so that a store writes each of its pages once, and
// of entries with the same identity one is chosen wherever they stand. Then it
// writes in batches. What a source has taken back, or no longer has on a list
// that is complete each time, is removed last.
package importer
