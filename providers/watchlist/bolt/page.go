package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"sort"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// A page as bbolt writes it, in the machine's byte order:
//
//	at  bytes
//	0   8      ID
//	8   2      type: branchPage, leafPage or freelistPage
//	10  2      number of elements
//	12  4      number of further pages that belong to it
//	16         16 bytes for each element, then the keys and values without gaps
//
// An element of a branch has the distance to its key, the size of the key, and the ID
// of a page. An element of a leaf has flags, the distance to its key, and the sizes of
// key and value.
const (
	headerSize  = 16
	elementSize = 16

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	bucketFlag = 0x01 // the value of a leaf's element is a bucket
)

// page is a page of a tree. Its elements have been checked.
type page struct {
	raw   []byte
	leaf  bool
	count int
}

// parsePage checks the type and the elements of a page. It returns the size of the whole
// page in bytes, which may be larger than raw.
func parsePage(raw []byte) (p page, size uint64, err error) {
	kind := binary.NativeEndian.Uint16(raw[8:])
	p = page{raw: raw, leaf: kind == leafPage, count: int(binary.NativeEndian.Uint16(raw[10:]))}
	size = headerSize + elementSize*uint64(p.count)
	if kind != leafPage && (kind != branchPage || p.count == 0) || size > uint64(len(raw)) {
		return page{}, 0, damaged("a page of type %d with %d elements", kind, p.count)
	}
	for i := range p.count {
		start, keySize, valueSize := p.element(i)
		if start != size || keySize == 0 {
			return page{}, 0, damaged("element %d of a page is not in its place", i)
		}
		size += keySize + valueSize
	}
	return p, size, nil
}

// checkOrder returns an error unless the keys are in order.
func (p page) checkOrder() error {
	for i := 1; i < p.count; i++ {
		if bytes.Compare(p.key(i-1), p.key(i)) >= 0 {
			return damaged("the keys of a page are not in order")
		}
	}
	return nil
}

// element returns the offset of an element's key, and the sizes of key and value.
func (p page) element(i int) (start, keySize, valueSize uint64) {
	at := headerSize + elementSize*i
	fields := p.raw[at : at+elementSize]
	if !p.leaf {
		return uint64(at) + number32(fields), number32(fields[4:]), 0
	}
	return uint64(at) + number32(fields[4:]), number32(fields[8:]), number32(fields[12:])
}

func number32(raw []byte) uint64 { return uint64(binary.NativeEndian.Uint32(raw)) }

func (p page) key(i int) []byte {
	start, size, _ := p.element(i)
	return p.raw[start : start+size]
}

func (p page) value(i int) []byte {
	start, keySize, size := p.element(i)
	return p.raw[start+keySize : start+keySize+size]
}

// content returns the content of an element of a leaf in a bucket.
func (p page) content(bucket string, i int) ([]byte, error) {
	if err := p.checkFlags(i, 0); err != nil {
		return nil, err
	}
	return unseal(bucket, p.key(i), p.value(i))
}

// checkFlags returns an error unless an element of a leaf has these flags.
func (p page) checkFlags(i int, flags uint32) error {
	if binary.NativeEndian.Uint32(p.raw[headerSize+elementSize*i:]) != flags {
		return damaged("a bucket instead of an entry, or an entry instead of a bucket")
	}
	return nil
}

// child returns the ID of the page below an element of a branch.
func (p page) child(i int) uint64 {
	return binary.NativeEndian.Uint64(p.raw[headerSize+elementSize*i+8:])
}

// search returns the index of the first element that may contain keys from a key on.
func (p page) search(from []byte) int {
	i, found := sort.Find(p.count, func(i int) int { return bytes.Compare(from, p.key(i)) })
	if !p.leaf && !found && i > 0 {
		return i - 1
	}
	return i
}

// span is the range of keys that a branch assigns to a page. The zero value is that of a
// first page.
type span struct {
	first []byte // the page's first key
	below []byte // no key is this or later; nil is no limit
}

// under returns the span of the page below an element.
func (s span) under(p page, i int) span {
	s.first = p.key(i)
	if i+1 < p.count {
		s.below = p.key(i + 1)
	}
	return s
}

// check returns an error unless the page's keys, which are in order, are in the span.
func (s span) check(p page) error {
	if s.first == nil {
		return nil
	}
	if p.count == 0 || !bytes.Equal(p.key(0), s.first) || s.below != nil && bytes.Compare(p.key(p.count-1), s.below) >= 0 {
		return damaged("the keys of a page are not those of its branch")
	}
	return nil
}

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
	raw := make([]byte, t.pageSize)
	if err := t.read(raw, t.freelist); err != nil {
		return nil, err
	}
	start, count := uint64(headerSize), uint64(binary.NativeEndian.Uint16(raw[10:]))
	if count == 0xFFFF { // then the number follows the header
		start, count = headerSize+8, binary.NativeEndian.Uint64(raw[headerSize:])
	}
	following := number32(raw[12:])
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

// damaged returns an error that wraps entry.ErrDamaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", entry.ErrDamaged, fmt.Errorf(format, args...))
}
