package command

import (
	"io"
	"strings"
	"testing"
)

// A named pipe has the size 0, and a file may grow while it is read.
func TestCountedReadsMoreThanTheTotal(t *testing.T) {
	const text = "192.0.2.1\n192.0.2.2\n"
	for _, total := range []int64{-1, 0, 1} {
		got, err := io.ReadAll(counted{io.NopCloser(strings.NewReader(text)), newBar(io.Discard, total)})
		if string(got) != text || err != nil {
			t.Errorf("total %d: %q, %v", total, got, err)
		}
	}
}
