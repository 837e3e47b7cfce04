package lenient

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/serverless-relay/relay/shared/text"
)

// Walker decodes a JSON document value by value. It knows the line of each value, and
// needs no memory for values that are skipped. Values of another kind than requested
// are skipped.
type Walker struct {
	data    []byte
	decoder *json.Decoder
	// line is the line of the offset counted.
	line, counted int
}

// NewWalker returns a Walker at the beginning of a document, which must be valid.
func NewWalker(data []byte) *Walker {
	return &Walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
}

// next returns the offset of the next value or closing bracket.
func (w *Walker) next() int {
	at := int(w.decoder.InputOffset())
	for at < len(w.data) && bytes.IndexByte([]byte(" \t\r\n,:"), w.data[at]) >= 0 {
		at++
	}
	return at
}

// Peek returns the first byte of the next value or closing bracket, or 0 at the end.
func (w *Walker) Peek() byte {
	if at := w.next(); at < len(w.data) {
		return w.data[at]
	}
	return 0
}

// Object calls member for each key of the next value. member must read or skip the
// key's value.
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

// Array calls element for each element of the next value, with its line, which starts
// at 1. element must read or skip the element. An object is a list of one element,
// unless its keys are numbers: PHP encodes a list with gaps as {"1": a, "4": b}.
func (w *Walker) Array(element func(line int) error) error {
	withLine := func() error {
		at := w.next()
		w.line += bytes.Count(w.data[w.counted:at], []byte("\n"))
		w.counted = at
		return element(w.line)
	}
	switch w.Peek() {
	case '[':
		return w.inside(withLine)
	case '{':
		if w.firstKeyIsNumber() {
			return w.Object(func(string) error { return withLine() })
		}
		return withLine()
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

// inside calls member until the end of the next object or array.
func (w *Walker) inside(member func() error) error {
	if _, err := w.decoder.Token(); err != nil { // the opening bracket
		return err
	}
	for w.decoder.More() {
		if err := member(); err != nil {
			return err
		}
	}
	_, err := w.decoder.Token()
	return err
}

// Skip skips the next value.
func (w *Walker) Skip() error {
	var nothing struct{}
	return w.Decode(&nothing)
}

// Decode decodes the next value into v. Fields with a value of another type stay
// zero.
func (w *Walker) Decode(v any) error {
	err := w.decoder.Decode(v)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return nil
	}
	return err
}

// DecodeRaw is Decode, and returns the value as the document has it.
func (w *Walker) DecodeRaw(v any) ([]byte, error) {
	start := w.next()
	err := w.Decode(v)
	return w.data[start:w.decoder.InputOffset()], err
}

// Find decodes the value of a key in the next object into v, without moving the
// Walker. If there is no such key, v is unchanged.
func (w *Walker) Find(key string, v any) {
	if w.Peek() != '{' {
		return
	}
	for name, value := range text.Members(w.data[w.next():]) {
		if name == key {
			_ = json.Unmarshal(value, v) // as in Decode
			return
		}
	}
}
