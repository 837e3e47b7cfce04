package bolt

import "encoding/binary"

// checkBranches checks the branches of all buckets, which bbolt follows blindly.
// Leaves, which are nearly all of a file, are not read.
func (t *tree) checkBranches() error {
	for _, name := range buckets() {
		first, err := t.bucket(name)
		if err != nil {
			return err
		}
		height := 0
		for p := first; !p.leaf; height++ {
			if height == maxDepth {
				return errCircle
			}
			if p, err = t.page(p.child(0)); err != nil {
				return err
			}
		}
		if err := t.checkBranch(first, span{}, height); err != nil {
			return err
		}
	}
	return nil
}

// checkBranch checks a branch and those below it. The leaves are height levels
// down.
func (t *tree) checkBranch(p page, in span, height int) error {
	if p.leaf != (height == 0) {
		return damaged("its leaves are at different depths")
	}
	if err := in.check(p); err != nil || height <= 1 {
		return err
	}
	for i := range p.count {
		below, err := t.page(p.child(i))
		if err == nil {
			err = t.checkBranch(below, in.under(p, i), height-1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// free returns the IDs of the pages that may be written over, and those of the
// pages that list them.
func (t *tree) free() (ids []uint64, list []uint64, err error) {
	raw := make([]byte, headerSize+8)
	if err := t.read(raw, t.freelist); err != nil {
		return nil, nil, err
	}
	start, count := uint64(headerSize), uint64(binary.NativeEndian.Uint16(raw[10:]))
	if count == 0xFFFF { // then the number comes first
		start, count = headerSize+8, binary.NativeEndian.Uint64(raw[headerSize:])
	}
	following := uint64(binary.NativeEndian.Uint32(raw[12:]))
	if binary.NativeEndian.Uint16(raw[8:]) != freelistPage || binary.NativeEndian.Uint64(raw) != t.freelist ||
		following >= t.pages || count > t.pages || start+8*count > (following+1)*uint64(t.pageSize) {
		return nil, nil, damaged("its list of free pages can't be read")
	}
	raw = make([]byte, start+8*count)
	if err := t.read(raw, t.freelist); err != nil {
		return nil, nil, err
	}
	for raw := raw[start:]; len(raw) > 0; raw = raw[8:] {
		id := binary.NativeEndian.Uint64(raw)
		if id < metaPages || id >= t.pages || len(ids) > 0 && id <= ids[len(ids)-1] {
			return nil, nil, damaged("its list of free pages is wrong")
		}
		ids = append(ids, id)
	}
	for i := range following + 1 {
		list = append(list, t.freelist+i)
	}
	return ids, list, nil
}
