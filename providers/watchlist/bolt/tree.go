package bolt

import (
	"encoding/binary"
	"errors"
	"io"
)

// maxDepth bounds how many pages lie above one another. With two keys a page,
// the fewest there can be, that is room for billions.
const maxDepth = 40

// tree reads the buckets of a file as a transaction left them.
type tree struct {
	meta
	file     io.ReaderAt
	pageSize int
	top      *page // of the bucket of buckets, when it was read
	// known has the pages that were read, for reading several keys. It may be nil.
	known map[uint64]page
	// seen, unless it is nil, collects the IDs of the pages that were read. It is
	// an error to read one twice.
	seen map[uint64]bool
}

// page reads a page.
func (t *tree) page(id uint64) (page, error) {
	if p, ok := t.known[id]; ok {
		return p, nil
	}
	raw := make([]byte, t.pageSize)
	if err := t.read(raw, id); err != nil {
		return page{}, err
	}
	p, size, err := parsePage(raw)
	if err != nil {
		return page{}, err
	}
	following := uint64(binary.NativeEndian.Uint32(raw[12:]))
	if got := binary.NativeEndian.Uint64(raw); got != id || following != (size-1)/uint64(t.pageSize) {
		return page{}, damaged("page %d is not where it must be", got)
	}
	if following > 0 {
		rest := make([]byte, size-uint64(t.pageSize))
		if err := t.read(rest, id+1); err != nil {
			return page{}, err
		}
		p.raw = append(raw, rest...)
	}
	if err := p.checkOrder(); err != nil {
		return page{}, err
	}
	if t.known != nil {
		t.known[id] = p
	}
	if t.seen == nil {
		return p, nil
	}
	for i := range following + 1 {
		if t.seen[id+i] {
			return page{}, damaged("page %d is in two places", id+i)
		}
		t.seen[id+i] = true
	}
	return p, nil
}

// read fills raw with the bytes from a page on.
func (t *tree) read(raw []byte, id uint64) error {
	if id < metaPages || id >= t.pages || uint64(len(raw)) > (t.pages-id)*uint64(t.pageSize) {
		return damaged("there is no page %d", id)
	}
	_, err := t.file.ReadAt(raw, int64(id)*int64(t.pageSize))
	if errors.Is(err, io.EOF) {
		return damaged("it was cut off before page %d", id)
	}
	return err
}

// bucket returns the first page of a bucket.
func (t *tree) bucket(name string) (page, error) {
	if t.top == nil {
		root, err := t.page(t.root)
		if err != nil {
			return page{}, err
		}
		t.top = &root
	}
	leaf, i, err := t.find(*t.top, []byte(name))
	if err != nil {
		return page{}, err
	}
	if i == leaf.count || string(leaf.key(i)) != name {
		return page{}, errNoBucket
	}
	if err := leaf.checkFlags(i, bucketFlag); err != nil {
		return page{}, err
	}
	value := leaf.value(i)
	if len(value) < headerSize {
		return page{}, damaged("a bucket of %d bytes", len(value))
	}
	if id := binary.NativeEndian.Uint64(value); id != 0 {
		return t.page(id)
	}
	// A small bucket is a page in the value, after the bucket's own header.
	inline := value[headerSize:]
	if len(inline) < headerSize {
		return page{}, damaged("a bucket of %d bytes", len(value))
	}
	p, size, err := parsePage(inline)
	if err != nil {
		return page{}, err
	}
	if !p.leaf || size != uint64(len(inline)) {
		return page{}, damaged("a bucket of %d bytes for %d", len(value), size)
	}
	return p, p.checkOrder()
}

var (
	errNoBucket = damaged("a part of it is missing")
	errCircle   = damaged("its pages lead in circles")
)

// errEnough ends a scan whose caller needs no more.
var errEnough = errors.New("enough")

// find returns the leaf below a page where a key is or would be, and the first
// of its elements that isn't before the key.
func (t *tree) find(first page, key []byte) (leaf page, i int, err error) {
	p, in := first, span{}
	for range maxDepth {
		if err := in.check(p); err != nil {
			return page{}, 0, err
		}
		if i = p.search(key); !p.leaf {
			in = in.under(p, i)
			if p, err = t.page(p.child(i)); err != nil {
				return page{}, 0, err
			}
			continue
		}
		if i == p.count && in.below != nil {
			// That the next page begins where the branch says can't be seen here.
			_, _, err = t.find(first, in.below)
		}
		return p, i, err
	}
	return page{}, 0, errCircle
}

// get calls visit with the content under each key of a bucket, and with nil if
// there is none.
func (t *tree) get(bucket string, keys []string, visit func(i int, content []byte) error) error {
	first, err := t.bucket(bucket)
	if err != nil {
		return err
	}
	t.known = map[uint64]page{} // most keys are close together
	for n, key := range keys {
		leaf, i, err := t.find(first, []byte(key))
		if err != nil {
			return err
		}
		var content []byte
		// A damaged key can be where this one should be: so those that are found
		// there must be right.
		for near := max(0, i-1); near <= i && near < leaf.count; near++ {
			unsealed, err := leaf.content(bucket, near)
			if err != nil {
				return err
			}
			if string(leaf.key(near)) == key {
				content = unsealed
			}
		}
		if err := visit(n, content); err != nil {
			return err
		}
	}
	return nil
}

// id returns the file's ID.
func (t *tree) id() (id string, err error) {
	err = t.get(metaBucket, []string{idKey}, func(_ int, content []byte) error {
		id = string(content)
		return nil
	})
	return id, err
}

// scan calls visit with keys and contents of a bucket in order, from a key on,
// until visit returns an error. errEnough is not returned.
func (t *tree) scan(bucket, from string, visit func(key string, content []byte) error) error {
	return t.run(scan{tree: t, bucket: bucket, from: []byte(from), visit: visit})
}

// scanBack is scan from the last key to the first.
func (t *tree) scanBack(bucket string, visit func(key string, content []byte) error) error {
	return t.run(scan{tree: t, bucket: bucket, back: true, visit: visit})
}

func (t *tree) run(s scan) error {
	first, err := t.bucket(s.bucket)
	if err != nil {
		return err
	}
	if err := s.page(first, span{}, 0); !errors.Is(err, errEnough) {
		return err
	}
	return nil
}

// scan is a way through the pages of a bucket.
type scan struct {
	tree   *tree
	bucket string
	from   []byte
	back   bool
	visit  func(key string, content []byte) error
}

// page visits the elements of a page or, of a branch, of the pages below it.
func (s scan) page(p page, in span, depth int) error {
	if depth > maxDepth {
		return errCircle
	}
	if err := in.check(p); err != nil {
		return err
	}
	first := p.search(s.from)
	for n := range p.count - first {
		i := first + n
		if s.back {
			i = p.count - 1 - n
		}
		if !p.leaf {
			below, err := s.tree.page(p.child(i))
			if err == nil {
				err = s.page(below, in.under(p, i), depth+1)
			}
			if err != nil {
				return err
			}
			continue
		}
		content, err := p.content(s.bucket, i)
		if err == nil {
			err = s.visit(string(p.key(i)), content)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
