package upstream

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxSkimmed is the size of the largest response of which only some members are kept,
// in bytes after decompression.
const maxSkimmed = 32 << 20

// errTooLargeToSkim is the error of a larger one.
var errTooLargeToSkim = fmt.Errorf("%w to skim", ErrTooLarge)

// errNotJSON is the error of a response that isn't JSON.
var errNotJSON = errors.New("upstream: the response isn't JSON")

// keepMembers reads an object and returns it with these members only. The others are
// neither decoded nor kept in memory. If the body isn't an object, its beginning is
// returned, which explains the error.
func keepMembers(body io.Reader, names []string) ([]byte, error) {
	limited := &io.LimitedReader{R: body, N: maxSkimmed}
	in := bufio.NewReaderSize(limited, 32<<10)
	if start, _ := in.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = in.Discard(len(byteOrderMark))
	}
	first, err := in.ReadByte()
	for err == nil && strings.IndexByte(" \t\r\n", first) >= 0 {
		first, err = in.ReadByte()
	}
	var kept []byte
	switch {
	case err == nil && first == '{':
		kept, err = skim(in, names)
	case err == nil:
		_ = in.UnreadByte()
		return io.ReadAll(io.LimitReader(in, smallBody))
	case errors.Is(err, io.EOF) && limited.N > 0:
		return nil, nil
	}
	switch {
	case limited.N <= 0:
		return nil, errTooLargeToSkim
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	}
	return kept, err
}

// skim copies the object whose brace was read, with these members only. The values of
// the others need not be valid.
func skim(in *bufio.Reader, names []string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	start := out.Len() // of the present member
	isName, kept := true, true
	depth, quoted, escaped := 1, false, false
	for {
		b, err := in.ReadByte()
		if err != nil {
			return nil, err
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '{', b == '[':
			depth++
		case b == '}', b == ']':
			depth--
		case depth == 1 && b == ':' && isName:
			var name string
			if json.Unmarshal(out.Bytes()[start:], &name) != nil {
				return nil, errNotJSON
			}
			isName, kept = false, slices.Contains(names, name)
			if !kept {
				out.Truncate(start)
			}
		}
		if depth == 0 || depth == 1 && b == ',' && !quoted { // the member ends
			if isName && len(bytes.TrimSpace(out.Bytes()[start:])) > 0 {
				return nil, errNotJSON
			}
			if depth == 0 {
				return append(bytes.TrimRight(out.Bytes(), ", \t\r\n"), '}'), nil
			}
			if !isName && kept {
				out.WriteByte(',')
			}
			start, isName, kept = out.Len(), true, true
			continue
		}
		if kept {
			if out.Len() >= maxBody {
				return nil, ErrTooLarge
			}
			out.WriteByte(b)
		}
	}
}
