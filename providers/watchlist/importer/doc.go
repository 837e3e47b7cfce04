// Package importer imports files into a watchlist.
//
// An import reads all files before it writes. It sorts the entries by key, on disk if
// they are many, so that a store writes each of its pages once. Of entries with the same
// identity, it chooses one. Then it writes the entries in batches. Last, it removes the
// entries that their sources have withdrawn.
package importer
