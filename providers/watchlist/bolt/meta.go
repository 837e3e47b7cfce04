package bolt

import (
	"encoding/binary"
	"hash/fnv"
	"io"
)

// The first two pages of a file describe it. Each transaction of bbolt writes one of
// them. They contain, after the page's header and in the machine's byte order:
//
//	at  bytes
//	0   16     constants, page size and flags
//	16  16     the bucket of buckets: the ID of its first page, and 8 unused bytes
//	32  8      the ID of the page that lists the free pages
//	40  8      the number of pages in use
//	48  8      the number of the transaction
//	56  8      an FNV-1a hash of everything before
const (
	metaPages    = 2
	metaSumAt    = 56
	metaSize     = 64
	metaPageSize = headerSize + metaSize
)

// meta is the state of a file after a transaction.
type meta struct {
	root        uint64
	freelist    uint64
	pages       uint64
	transaction uint64
}

// readMeta returns the current state of a file. Both pages must be valid: with one of
// them, bbolt could go back to the transaction before, and silently lose the last one.
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

// free returns the IDs of the pages that may be written over, and of the pages that
// list them.
func (t *tree) free() (ids []uint64, err error) {
	raw := make([]byte, headerSize+8)
	if err := t.read(raw, t.freelist); err != nil {
		return nil, err
	}
	start, count := uint64(headerSize), uint64(binary.NativeEndian.Uint16(raw[10:]))
	if count == 0xFFFF { // then the number follows the header
		start, count = headerSize+8, binary.NativeEndian.Uint64(raw[headerSize:])
	}
	following := uint64(binary.NativeEndian.Uint32(raw[12:]))
	if binary.NativeEndian.Uint16(raw[8:]) != freelistPage || binary.NativeEndian.Uint64(raw) != t.freelist ||
		following >= t.pages || count > t.pages || start+8*count > (following+1)*uint64(t.pageSize) {
		return nil, damaged("its list of free pages can't be read")
	}
	raw = make([]byte, start+8*count)
	if err := t.read(raw, t.freelist); err != nil {
		return nil, err
	}
	last := uint64(metaPages - 1)
	for raw := raw[start:]; len(raw) > 0; raw = raw[8:] {
		id := binary.NativeEndian.Uint64(raw)
		if id <= last || id >= t.pages {
			return nil, damaged("its list of free pages is wrong")
		}
		ids, last = append(ids, id), id
	}
	for i := range following + 1 {
		ids = append(ids, t.freelist+i)
	}
	return ids, nil
}
