package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
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

// span is the range of keys that a branch gives to a page. The zero value is that of a
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

// damaged returns an error that wraps entry.ErrDamaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", entry.ErrDamaged, fmt.Errorf(format, args...))
}
