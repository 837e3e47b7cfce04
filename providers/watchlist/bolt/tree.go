package bolt

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
)

// maxDepth bounds the depth of a tree. A page has at least two keys, so this is enough
// for billions.
const maxDepth = 40

// tree reads the buckets of a file as a transaction left them.
type tree struct {
	meta
	file     io.ReaderAt
	pageSize int
	// known caches pages, unless it is nil.
	known map[uint64]page
	// seen collects the IDs of the pages that are read, unless it is nil.
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
	following := number32(raw[12:])
	if got := binary.NativeEndian.Uint64(raw); got != id || following != (size-1)/uint64(t.pageSize) {
		return page{}, damaged("page %d is not in its place", got)
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
	if t.seen != nil {
		for i := range following + 1 {
			t.seen[id+i] = true
		}
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
	top, err := t.page(t.root)
	if err != nil {
		return page{}, err
	}
	leaf, i, err := t.find(top, []byte(name))
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
	if len(value) >= headerSize {
		if id := binary.NativeEndian.Uint64(value); id != 0 {
			return t.page(id)
		}
	}
	// The only page of a small bucket is in the value, after the bucket's header.
	if len(value) < 2*headerSize {
		return page{}, damaged("a bucket of %d bytes", len(value))
	}
	p, size, err := parsePage(value[headerSize:])
	if err != nil {
		return page{}, err
	}
	if !p.leaf || headerSize+size != uint64(len(value)) {
		return page{}, damaged("a bucket of %d bytes for %d", len(value), headerSize+size)
	}
	return p, p.checkOrder()
}

var (
	errNoBucket = damaged("a part of it is missing")
	errCircle   = damaged("its pages lead in circles")
)

// find returns the leaf below a page that contains a key or would contain it, and the
// index of its first element that isn't before the key.
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
			// Check that the next page begins with the key that the branch names.
			_, _, err = t.find(first, in.below)
		}
		return p, i, err
	}
	return page{}, 0, errCircle
}

// get returns the content under a key of a bucket, or nil.
func (t *tree) get(bucket string, key []byte) (content []byte, err error) {
	first, err := t.bucket(bucket)
	if err != nil {
		return nil, err
	}
	leaf, i, err := t.find(first, key)
	if err != nil {
		return nil, err
	}
	// The key may be damaged. Then it is still near its place, and its checksum is
	// wrong.
	for near := max(0, i-1); near <= i && near < leaf.count; near++ {
		unsealed, err := leaf.content(bucket, near)
		if err != nil {
			return nil, err
		}
		if string(leaf.key(near)) == string(key) {
			content = unsealed
		}
	}
	return content, nil
}

// id returns the file's ID.
func (t *tree) id() (string, error) {
	id, err := t.get(metaBucket, []byte(idKey))
	return string(id), err
}

// record is a key of a bucket with its content.
type record struct {
	key     string
	content []byte
}

// scan iterates over a bucket in order, from a key on, or backward. An error is the
// last element.
func (t *tree) scan(ctx context.Context, bucket, from string, backward bool) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		s := scan{tree: t, bucket: bucket, from: []byte(from), backward: backward, yield: yield}
		if err := s.run(ctx); err != nil && !errors.Is(err, errStopped) {
			yield(record{}, err)
		}
	}
}

// checkBranches checks the branches of all buckets, which bbolt trusts. It reads few
// of the leaves, which are nearly all of a file.
func (t *tree) checkBranches() error {
	for _, name := range buckets {
		if err := (scan{tree: t, bucket: name}).run(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// scan is an iteration over a bucket. If yield is nil, it only checks the branches.
type scan struct {
	tree     *tree
	bucket   string
	from     []byte
	backward bool
	yield    func(record, error) bool
	// height is the number of levels down to the leaves, from 1, or 0 before the first leaf.
	height *int
}

// errStopped reports that yield returned false.
var errStopped = errors.New("stopped")

func (s scan) run(ctx context.Context) error {
	first, err := s.tree.bucket(s.bucket)
	if err != nil {
		return err
	}
	s.height = new(int)
	return s.page(ctx, first, span{}, 1)
}

// page visits the elements of a leaf, or those of the pages below a branch.
func (s scan) page(ctx context.Context, p page, in span, depth int) error {
	if depth > maxDepth {
		return errCircle
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := in.check(p); err != nil {
		return err
	}
	if p.leaf {
		if *s.height = cmp.Or(*s.height, depth); *s.height != depth {
			return damaged("its leaves are on different levels")
		}
		if s.yield == nil {
			return nil
		}
	}
	first := p.search(s.from)
	for n := range p.count - first {
		i := first + n
		if s.backward {
			i = p.count - 1 - n
		}
		if !p.leaf {
			below, err := s.tree.page(p.child(i))
			if err == nil {
				err = s.page(ctx, below, in.under(p, i), depth+1)
			}
			if err != nil {
				return err
			}
			if below.leaf && s.yield == nil {
				break // so are the others
			}
			continue
		}
		content, err := p.content(s.bucket, i)
		if err != nil {
			return err
		}
		if !s.yield(record{string(p.key(i)), content}, nil) {
			return errStopped
		}
	}
	return nil
}
