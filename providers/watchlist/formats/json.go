package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// maxWrapping is how deep a bundle or event may lie in lists and "response"
// objects.
const maxWrapping = 4

// readJSON reads a STIX or MISP file. It looks at the document's keys to find
// out which, and collects everything before it yields anything.
func (f *file) readJSON() (Format, error) {
	data, all, err := readWhole(f.buffer, maxJSON)
	if err != nil {
		f.readErr = err
		return "", err
	}
	if !all {
		return "", f.problem(0, "larger than %d MB, which is too large for a JSON file: split it", maxJSON>>20)
	}
	if err := f.checkJSON(data); err != nil {
		return "", err
	}
	doc := document{walker: newWalker(data), stix: newBundle()}
	if err := doc.read(0); err != nil {
		return "", err
	}
	want := f.options.Format
	switch {
	case doc.isMISP && (want == MISP || want == ""):
		return MISP, f.yieldEvents(doc.events)
	case doc.isSTIX && (want == STIX || want == ""):
		return STIX, f.yieldBundle(doc.stix)
	case want == STIX:
		return "", f.problem(1, "JSON, but not a STIX bundle: it has no objects")
	case want == MISP:
		return "", f.problem(1, "JSON, but not a MISP event: it has no Event")
	default:
		return "", f.problem(1, "JSON, but neither a STIX bundle nor a MISP event")
	}
}

func (f *file) checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return f.problem(lineAt(data, invalidAt(data)), "not UTF-8: save it as UTF-8")
	}
	if json.Valid(data) {
		return nil
	}
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	var syntax *json.SyntaxError
	switch {
	case !errors.As(err, &syntax):
		return f.problem(1, "not JSON: %v", err)
	case syntax.Offset >= int64(len(bytes.TrimSpace(data))):
		return f.problem(lineAt(data, len(bytes.TrimSpace(data))), "cut off: the JSON ends too early (get the file again)")
	default:
		return f.problem(lineAt(data, int(syntax.Offset)-1), "malformed JSON at byte %d: %v", syntax.Offset, err)
	}
}

// document is a JSON file of either format.
type document struct {
	*walker
	isSTIX, isMISP bool
	stix           *bundle
	events         []*event
}

func (d *document) read(depth int) error {
	if depth > maxWrapping {
		return d.skip()
	}
	if d.peek() == '[' {
		return d.array(func(int) error { return d.read(depth + 1) })
	}
	return d.object(func(key string) error {
		switch key {
		case "objects":
			d.isSTIX = true
			return d.array(func(line int) error { return d.stix.read(d.walker, line) })
		case "type":
			var kind text
			err := d.decode(&kind)
			d.isSTIX = d.isSTIX || kind == "bundle"
			return err
		case "Event":
			d.isMISP = true
			e := &event{}
			d.events = append(d.events, e)
			return e.read(d.walker)
		case "response":
			d.isMISP = true
			return d.read(depth + 1)
		default:
			return d.skip()
		}
	})
}

// walker goes through a valid JSON document piece by piece, so that it can
// tell the line on which each starts. Where the document has another kind of
// value than is asked for, it is passed over: files in the wild do.
type walker struct {
	data    []byte
	decoder *json.Decoder
	// line is that of the offset counted, for counting on from there.
	line, counted int
}

func newWalker(data []byte) *walker {
	return &walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
}

// next is the offset of the next value or closing bracket.
func (w *walker) next() int {
	at := int(w.decoder.InputOffset())
	for at < len(w.data) && bytes.IndexByte([]byte(" \t\r\n,:"), w.data[at]) >= 0 {
		at++
	}
	return at
}

// peek is the first byte of the next value or closing bracket, 0 at the end.
func (w *walker) peek() byte {
	if at := w.next(); at < len(w.data) {
		return w.data[at]
	}
	return 0
}

// object calls member for each key of the next value. It must read the key's
// value.
func (w *walker) object(member func(key string) error) error {
	if w.peek() != '{' {
		return w.skip()
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

// array calls element for each element of the next value, with its line. It
// must read the element. An object where a list should be is a list of one.
func (w *walker) array(element func(line int) error) error {
	located := func() error {
		at := w.next()
		w.line += bytes.Count(w.data[w.counted:at], []byte("\n"))
		w.counted = at
		return element(w.line)
	}
	switch w.peek() {
	case '[':
		return w.inside(located)
	case '{':
		return located()
	default:
		return w.skip()
	}
}

func (w *walker) inside(piece func() error) error {
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

func (w *walker) skip() error {
	var nothing struct{}
	return w.decode(&nothing)
}

// decode reads the next value. What of it is of another type than v has for it
// stays zero.
func (w *walker) decode(v any) error {
	err := w.decoder.Decode(v)
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return nil
	}
	return err
}
