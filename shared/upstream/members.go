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
	s := &skimmer{in: bufio.NewReaderSize(limited, 32<<10)}
	if start, _ := s.in.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = s.in.Discard(len(byteOrderMark))
	}
	start, err := s.next()
	switch {
	case err == nil && start != '{':
		_ = s.in.UnreadByte()
		return io.ReadAll(io.LimitReader(s.in, smallBody))
	case err == nil:
		err = s.object(names)
	case errors.Is(err, io.EOF) && limited.N > 0:
		return nil, nil
	}
	switch {
	case limited.N <= 0:
		return nil, errTooLargeToSkim
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	}
	return s.out.Bytes(), err
}

// skimmer copies some parts of a JSON text, byte by byte. What it doesn't copy need not
// be valid.
type skimmer struct {
	in  *bufio.Reader
	out bytes.Buffer
}

// object copies the object whose brace was read, with these members only.
func (s *skimmer) object(names []string) error {
	separator := "{"
	for {
		first, err := s.next()
		for err == nil && first == ',' {
			first, err = s.next()
		}
		if err != nil {
			return err
		}
		if first == '}' {
			s.out.WriteString(strings.TrimPrefix(separator, ",") + "}")
			return nil
		}
		start := s.out.Len()
		s.out.WriteString(separator)
		if err := s.value(first, true); err != nil {
			return err
		}
		var name string
		isName := json.Unmarshal(s.out.Bytes()[start+1:], &name) == nil
		colon, err := s.next()
		if err == nil && (!isName || colon != ':') {
			return errNotJSON
		}
		if err == nil {
			first, err = s.next()
		}
		if err != nil {
			return err
		}
		kept := slices.Contains(names, name)
		if kept {
			s.out.WriteByte(':')
			separator = ","
		} else {
			s.out.Truncate(start)
		}
		if err := s.value(first, kept); err != nil {
			return err
		}
	}
}

// next returns the next byte that isn't a space.
func (s *skimmer) next() (byte, error) {
	for {
		b, err := s.in.ReadByte()
		if err != nil || strings.IndexByte(" \t\r\n", b) < 0 {
			return b, err
		}
	}
}

// value reads the value that begins with first, and copies it if it is kept.
func (s *skimmer) value(first byte, kept bool) error {
	depth, quoted, escaped := 0, false, false
	for b := first; ; {
		if kept && s.out.Len() >= maxBody {
			return ErrTooLarge
		}
		if kept {
			s.out.WriteByte(b)
		}
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{', b == '[':
			depth++
		case b == '}', b == ']':
			depth--
		}
		if depth <= 0 && !quoted {
			after, err := s.in.Peek(1)
			if err != nil || strings.IndexByte(`"}]`, b) >= 0 || strings.IndexByte(",}]: \t\r\n", after[0]) >= 0 {
				return err
			}
		}
		var err error
		if b, err = s.in.ReadByte(); err != nil {
			return err
		}
	}
}
