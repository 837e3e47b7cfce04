package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// Sizes of bodies, in bytes, after decompression.
const (
	// maxBody is the largest answer that is read.
	maxBody = 8 << 20
	// smallBody is an answer that is read, and kept, without more ado. Larger
	// ones wait for their turn.
	smallBody = 256 << 10
	// maxErrorBody is how much of an error's body is read.
	maxErrorBody = 64 << 10
)

// largeAtOnce is how many large answers of a client are held at once, from
// reading to decoding. A Lambda has little memory, and ten answers of megabytes
// would not fit. One alone, that comes slowly, would keep all others waiting.
const largeAtOnce = 2

// ErrTooLarge is in the error about an answer that is too large to be read. A
// provider that can ask for less finds it by errors.Is.
var ErrTooLarge = errors.New("upstream: the answer is too large")

// buffers are what large answers are read into, one after another: growing a
// new buffer for each would cost several times its size.
type buffers struct {
	taken chan struct{}

	mu   sync.Mutex
	free [][]byte
}

func newBuffers() *buffers { return &buffers{taken: make(chan struct{}, largeAtOnce)} }

// take waits for a buffer, which is empty and has room for the largest body.
func (b *buffers) take(ctx context.Context) ([]byte, error) {
	select {
	case b.taken <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.free); n > 0 {
		buffer := b.free[n-1]
		b.free = b.free[:n-1]
		return buffer, nil
	}
	return make([]byte, 0, maxBody+1+bytes.MinRead), nil // bytes.Buffer wants some room at the end
}

// giveBack lets the next one have the buffer.
func (b *buffers) giveBack(buffer []byte) {
	b.mu.Lock()
	b.free = append(b.free, buffer[:0])
	b.mu.Unlock()
	<-b.taken
}

// read reads the body of an answer. A large one waits for a buffer, which free
// gives back.
func (b *buffers) read(ctx context.Context, resp *http.Response) (body []byte, free func(), err error) {
	var small bytes.Buffer
	if resp.ContentLength > 0 {
		small.Grow(int(min(resp.ContentLength, smallBody)) + bytes.MinRead)
	}
	if n, err := small.ReadFrom(io.LimitReader(resp.Body, smallBody)); err != nil || n < smallBody {
		return small.Bytes(), nil, err
	}
	large, err := b.take(ctx)
	if err != nil {
		return nil, nil, err
	}
	whole := bytes.NewBuffer(large)
	whole.Write(small.Bytes())
	_, err = whole.ReadFrom(io.LimitReader(resp.Body, maxBody+1-smallBody))
	if err == nil && whole.Len() > maxBody {
		err = ErrTooLarge
	}
	if err != nil {
		b.giveBack(large)
		return nil, nil, err
	}
	return whole.Bytes(), func() { b.giveBack(large) }, nil
}
