package formats

import (
	"bytes"
	"io"
	"runtime"
)

// maxPiece is how much readWhole reads at a time at most, in bytes.
const maxPiece = 16 << 20

// readWhole reads all of r, unless that is more than limit bytes. It gathers
// pieces and joins them once all are there: a slice that grows is copied over
// and over, and is there twice each time. What is too long is never joined.
func readWhole(r io.Reader, limit int) (data []byte, all bool, err error) {
	var pieces [][]byte
	total := 0
	for size := maxLine; err == nil; size = min(2*size, maxPiece) {
		piece := make([]byte, min(size, limit+1-total))
		n := 0
		for n < len(piece) && err == nil {
			var more int
			more, err = r.Read(piece[n:])
			n += more
		}
		pieces = append(pieces, piece[:n])
		if total += n; total > limit {
			return nil, false, nil
		}
	}
	if err != io.EOF {
		return nil, false, err
	}
	data = bytes.Join(pieces, nil)
	if pieces = nil; total > maxPiece {
		runtime.GC() // otherwise the pieces are there until as much again is allocated
	}
	return data, true, nil
}
