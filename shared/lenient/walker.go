package lenient

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Walker goes through a valid JSON document piece by piece, so that it can
// tell the line on which each starts. Where the document has another kind of
// value than is asked for, it is passed over: files in the wild do.
type Walker struct {
	data    []byte
	decoder *json.Decoder
	// line is that of the offset counted, for counting on from there.
	line, counted int
}

// NewWalker starts at the beginning of a document, which must be valid.
func NewWalker(data []byte) *Walker {
	return &Walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
}

// next is the offset of the next value or closing bracket.
func (w *Walker) next() int {
	return w.skipSpace(int(w.decoder.InputOffset()))
}

// Peek is the first byte of the next value or closing bracket, 0 at the end.
func (w *Walker) Peek() byte {
	if at := w.next(); at < len(w.data) {
		return w.data[at]
	}
	return 0
}

// Object calls member for each key of the next value. It must read the key's
// value.
func (w *Walker) Object(member func(key string) error) error {
	if w.Peek() != '{' {
		return w.Skip()
	}
	return w.inside(func() error {
		token, err := w.decoder.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		return member(key)
	})
}

// Array calls element for each element of the next value, with its line. It
// must read the element. An object in place of a list is a list of one, unless its
// keys are numbers: PHP writes a list with gaps as {"1": a, "4": b}.
func (w *Walker) Array(element func(line int) error) error {
	located := func() error {
		at := w.next()
		w.line += bytes.Count(w.data[w.counted:at], []byte("\n"))
		w.counted = at
		return element(w.line)
	}
	switch w.Peek() {
	case '[':
		return w.inside(located)
	case '{':
		if w.firstKeyIsNumber() {
			return w.Object(func(string) error { return located() })
		}
		return located()
	default:
		return w.Skip()
	}
}

// firstKeyIsNumber reports whether the first key of the next object consists of
// digits.
func (w *Walker) firstKeyIsNumber() bool {
	key, ok := bytes.CutPrefix(bytes.TrimLeft(w.data[w.next()+1:], " \t\r\n"), []byte(`"`))
	rest := bytes.TrimLeft(key, "0123456789")
	return ok && len(rest) < len(key) && rest[0] == '"'
}

func (w *Walker) inside(piece func() error) error {
	if _, err := w.decoder.Token(); err != nil { // the opening bracket
		return err
	}
	for w.decoder.More() {
		if err := piece(); err != nil {
			return err
		}
	}
	_, err := w.decoder.Token()
	return err
}

// Skip passes the next value over.
func (w *Walker) Skip() error {
	var nothing struct{}
	return w.Decode(&nothing)
}

// Decode reads the next value. What of it is of another type than v has for it
// stays zero.
func (w *Walker) Decode(v any) error {
	err := w.decoder.Decode(v)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return nil
	}
	return err
}

// Find decodes the value of a key of the object at which the walker is into v,
// and leaves the walker there. Without such a key v stays as it is.
func (w *Walker) Find(key string, v any) {
	at := w.next()
	if at >= len(w.data) || w.data[at] != '{' {
		return
	}
	for at = w.skipSpace(at + 1); at < len(w.data) && w.data[at] == '"'; at = w.skipSpace(at) {
		end := w.endOf(at)
		name := w.data[at:end]
		at = w.skipSpace(end)
		end = w.endOf(at)
		if string(name) == `"`+key+`"` {
			_ = json.Unmarshal(w.data[at:end], v) // as in Decode
			return
		}
		at = end
	}
}

func (w *Walker) skipSpace(at int) int {
	for at < len(w.data) && bytes.IndexByte([]byte(" \t\r\n,:"), w.data[at]) >= 0 {
		at++
	}
	return at
}

// endOf is the offset after the value that begins at an offset.
func (w *Walker) endOf(at int) int {
	depth := 0
	for ; at < len(w.data); at++ {
		switch c := w.data[at]; {
		case c == '"':
			for at++; at < len(w.data) && w.data[at] != '"'; at++ {
				if w.data[at] == '\\' {
					at++
				}
			}
			if depth == 0 {
				return min(at+1, len(w.data))
			}
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth == 0 { // after a number or word
				return at
			}
			if depth--; depth == 0 {
				return at + 1
			}
		case depth == 0 && bytes.IndexByte([]byte(" \t\r\n,"), c) >= 0:
			return at
		}
	}
	return at
}
