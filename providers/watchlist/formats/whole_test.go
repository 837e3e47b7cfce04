package formats

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// endless is a text without end; it knows how much of it was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestReadWhole(t *testing.T) {
	for _, size := range []int{0, 1, maxLine - 1, maxLine, maxLine + 1, 5 * maxLine} {
		want := bytes.Repeat([]byte("x"), size)
		for name, r := range map[string]io.Reader{
			"at once": bytes.NewReader(want), "by halves": iotest.HalfReader(bytes.NewReader(want)), "end with data": iotest.DataErrReader(bytes.NewReader(want)),
		} {
			got, all, err := readWhole(r, 5*maxLine)
			if !all || err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes %s: got %d, %v, %v", size, name, len(got), all, err)
			}
		}
	}
	if data, all, err := readWhole(strings.NewReader("xxxx"), 3); data != nil || all || err != nil {
		t.Errorf("4 bytes of 3: got %q, %v, %v", data, all, err)
	}
	for _, broken := range []error{errors.New("unplugged"), io.ErrUnexpectedEOF} {
		r := io.MultiReader(strings.NewReader("xxxx"), iotest.ErrReader(broken))
		if data, all, err := readWhole(r, 9); data != nil || all || err != broken {
			t.Errorf("broken: got %q, %v, %v", data, all, err)
		}
	}
}

func TestReadWholeHoldsNoMore(t *testing.T) {
	const limit = 64 << 20
	var before, after runtime.MemStats
	text := &endless{}
	runtime.ReadMemStats(&before)
	_, all, err := readWhole(text, limit)
	runtime.ReadMemStats(&after)
	if all || err != nil {
		t.Fatalf("got %v, %v", all, err)
	}
	if text.read > limit+1 {
		t.Errorf("%d bytes are read, %d would do", text.read, limit+1)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > limit+limit/8 {
		t.Errorf("%d bytes are taken to refuse %d", taken, limit)
	}
}
