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
	// maxBody is the size of the largest response that is read.
	maxBody = 8 << 20
	// smallBody is the size up to which a response needs no buffer and is cached.
	smallBody = 256 << 10
	// maxErrorBody is how much of an error's body is read.
	maxErrorBody = 64 << 10
)

// maxLarge is how many large responses of a client are in memory, from reading to
// decoding. A Lambda has no memory for ten responses of several megabytes. With
// only one, a slow response would block all others.
const maxLarge = 2

// ErrTooLarge is in the error about a response above 8 MB, or 32 MB if only some of
// its members are needed. A provider that can request less checks for it with
// errors.Is.
var ErrTooLarge = errors.New("upstream: the response is too large")

// buffers are reused for large responses. Growing a new buffer for each one would
// cost several times its size.
type buffers struct {
	taken chan struct{}

	mu   sync.Mutex
	free [][]byte
}

func newBuffers() *buffers { return &buffers{taken: make(chan struct{}, maxLarge)} }

// acquire waits for a buffer until ctx ends. It is empty and has room for the
// largest body.
func (b *buffers) acquire(ctx context.Context) ([]byte, error) {
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
	return make([]byte, 0, maxBody+1+bytes.MinRead), nil // bytes.Buffer needs MinRead more
}

func (b *buffers) release(buffer []byte) {
	b.mu.Lock()
	b.free = append(b.free, buffer[:0])
	b.mu.Unlock()
	<-b.taken
}

// read reads the body of a response. A large one is read into a buffer, for which
// read waits, and which free releases. Otherwise free is nil.
func (b *buffers) read(ctx context.Context, resp *http.Response) (body []byte, free func(), err error) {
	var small bytes.Buffer
	if resp.ContentLength > 0 {
		small.Grow(int(min(resp.ContentLength, smallBody)) + bytes.MinRead)
	}
	if n, err := small.ReadFrom(io.LimitReader(resp.Body, smallBody)); err != nil || n < smallBody {
		return small.Bytes(), nil, err
	}
	buffer, err := b.acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	large := bytes.NewBuffer(buffer)
	large.Write(small.Bytes())
	_, err = large.ReadFrom(io.LimitReader(resp.Body, maxBody+1-smallBody))
	if err == nil && large.Len() > maxBody {
		err = ErrTooLarge
	}
	if err != nil {
		b.release(buffer)
		return nil, nil, err
	}
	return large.Bytes(), func() { b.release(buffer) }, nil
}
