package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"golang.org/x/sync/semaphore"
)

// Sizes of bodies, in bytes, after decompression.
const (
	// maxBody is the largest answer that is read.
	maxBody = 8 << 20
	// smallBody is an answer that is read, and kept, without more ado. Larger
	// ones share largeBodies.
	smallBody = 256 << 10
	// largeBodies is how much the large answers of a client may take together,
	// until they are decoded. A Lambda has little memory, and ten answers of
	// megabytes at once would not fit. It is room for two of unknown size: one
	// that comes slowly must not keep all others waiting.
	largeBodies = 2 * maxBody
	// maxErrorBody is how much of an error's body is read.
	maxErrorBody = 64 << 10
)

var errTooLarge = errors.New("upstream: the answer is too large")

// read reads the body of an answer. A large one waits for its share of memory,
// which free gives back.
func read(ctx context.Context, memory *semaphore.Weighted, resp *http.Response) (body []byte, free func(), err error) {
	if resp.ContentLength > maxBody {
		return nil, nil, errTooLarge
	}
	var buffer bytes.Buffer
	if resp.ContentLength > 0 && resp.ContentLength <= smallBody {
		buffer.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if n, err := buffer.ReadFrom(io.LimitReader(resp.Body, smallBody)); err != nil || n < smallBody {
		return buffer.Bytes(), nil, err
	}
	size := int64(maxBody)
	if resp.ContentLength > 0 {
		size = resp.ContentLength
	}
	if err := memory.Acquire(ctx, size); err != nil {
		return nil, nil, err
	}
	free = func() { memory.Release(size) }
	if resp.ContentLength > 0 {
		buffer.Grow(int(resp.ContentLength) - smallBody + bytes.MinRead)
	}
	n, err := buffer.ReadFrom(io.LimitReader(resp.Body, maxBody-smallBody+1))
	if err == nil && n > maxBody-smallBody {
		err = errTooLarge
	}
	if err != nil {
		free()
		return nil, nil, err
	}
	return buffer.Bytes(), free, nil
}
