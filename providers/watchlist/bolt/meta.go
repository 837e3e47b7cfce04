package bolt

import (
	"encoding/binary"
	"hash/fnv"
	"io"
)

// A file begins with two pages that describe it, of which bbolt writes one in
// each transaction. After the page's header, in the machine's byte order:
//
//	at  bytes
//	0   16     constants, page size and flags
//	16  16     the bucket of buckets: the ID of its page, and 8 bytes without use
//	32  8      the ID of the page that lists free pages
//	40  8      the number of pages in use
//	48  8      the number of the transaction
//	56  8      an FNV-1a hash of all before
const (
	metaPages    = 2
	metaSumAt    = 56
	metaSize     = 64
	metaPageSize = headerSize + metaSize
)

// meta is the state in which a transaction left a file.
type meta struct {
	root        uint64
	freelist    uint64
	pages       uint64
	transaction uint64
}

// readMeta returns a file's current state. bbolt would do with one page, which may
// be of the transaction before, and so lose the last one without a word.
func readMeta(file io.ReaderAt, pageSize int) (meta, error) {
	var found [metaPages]meta
	for id := range found {
		var raw [metaPageSize]byte
		if _, err := file.ReadAt(raw[:], int64(id)*int64(pageSize)); err != nil {
			return meta{}, damaged("its first pages can't be read: %w", err)
		}
		field := func(at int) uint64 { return binary.NativeEndian.Uint64(raw[headerSize+at:]) }
		sum := fnv.New64a()
		_, _ = sum.Write(raw[headerSize : headerSize+metaSumAt]) // it never fails
		if field(metaSumAt) != sum.Sum64() {
			return meta{}, damaged("the checksum of page %d is wrong", id)
		}
		found[id] = meta{root: field(16), freelist: field(32), pages: field(40), transaction: field(48)}
	}
	older, newer := found[0], found[1]
	if older.transaction > newer.transaction {
		older, newer = newer, older
	}
	if newer.transaction != older.transaction+1 {
		return meta{}, damaged("its first pages don't belong together")
	}
	return newer, nil
}
