package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/lenient"
)

// maxWrapping is how many lists and "response" objects may be around a bundle or event.
const maxWrapping = 4

// readJSON reads a JSON file of any format.
func (f *file) readJSON() error {
	data, err := f.readAll()
	if err != nil {
		return err
	}
	return f.readDocument(data)
}

// readAll reads the rest of the file, up to maxJSON.
func (f *file) readAll() ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f.buffer, maxJSON+1))
	switch {
	case err != nil:
		f.readErr = err
		return nil, err
	case len(data) > maxJSON:
		return nil, f.problem(0, "larger than %d MB, which is too large for a JSON file: split it", maxJSON>>20)
	case len(data) > largeJSON:
		runtime.GC() // of the pieces that ReadAll joined
	}
	return data, nil
}

// largeJSON is the size of a file, in bytes, from which its memory is collected early.
// Otherwise as much garbage as there is data may gather beside it. gcPercent is how much
// may then, in percent.
const (
	largeJSON = 16 << 20
	gcPercent = 20
)

// readDocument detects the format of a JSON document by its keys and yields its records.
// It collects all of a STIX or MISP document first.
func (f *file) readDocument(data []byte) error {
	if len(data) > largeJSON {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	if f.layout.Encoding == "" && !utf8.Valid(data) || strings.HasPrefix(f.layout.Encoding, "Windows") {
		data = []byte(decoded(string(data)))
	}
	if err := f.checkJSON(data); err != nil {
		return err
	}
	doc := document{Walker: lenient.NewWalker(data), stix: newBundle()}
	if err := doc.read(1, 0); err != nil {
		return err
	}
	want := f.options.Format
	switch {
	case doc.isMISP && (want == MISP || want == ""):
		f.layout.Format, f.layout.Why = MISP, "it has events or attributes of MISP"
		return f.yieldEvents(doc.events)
	case doc.isSTIX && (want == STIX || want == ""):
		f.layout.Format, f.layout.Why = STIX, "it has objects of STIX"
		return f.yieldBundle(doc.stix)
	case want == STIX:
		return f.problem(1, "JSON, but not a STIX bundle: it has no objects")
	case want == MISP:
		return f.problem(1, "JSON, but not a MISP event: it has no Event")
	case doc.isSTIX1:
		return f.problem(1, "STIX 1, which can't be read: get it as STIX 2")
	}
	rows := &jsonTable{file: f}
	if err := rows.readRows(lenient.NewWalker(data), "", 0); err != nil {
		return err
	}
	if rows.table == nil && len(rows.waiting) == 0 {
		return f.problem(1, "JSON, but not a STIX bundle, a MISP event or a list of objects with a value")
	}
	return rows.decide()
}

func (f *file) checkJSON(data []byte) error {
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

// document is a JSON document of STIX or MISP. Bundles and events may be inside lists
// and responses of servers. Their parts may also stand alone: single objects of STIX, a
// list of them, the content of an event, a list of attributes.
type document struct {
	*lenient.Walker
	isSTIX, isSTIX1, isMISP bool
	stix                    *bundle
	events                  []*rawEvent
}

func (d *document) read(line, depth int) error {
	if depth > maxWrapping {
		return d.Skip()
	}
	switch d.Peek() {
	case '[':
		return d.Array(func(line int) error { return d.read(line, depth+1) })
	case '{':
	default:
		return d.Skip()
	}
	if d.isObject() {
		d.isSTIX = true
		return d.stix.read(d.Walker, line)
	}
	event := &rawEvent{}
	isEvent := false
	err := d.Object(func(key string) error {
		switch key {
		case "objects":
			d.isSTIX = true
			return d.Array(func(line int) error { return d.stix.read(d.Walker, line) })
		case "type":
			var kind lenient.Text
			err := d.Decode(&kind)
			d.isSTIX = d.isSTIX || kind == "bundle"
			return err
		case "stix_header":
			d.isSTIX1 = true
			return d.Skip()
		case "Event":
			d.isMISP = true
			e := &rawEvent{}
			d.events = append(d.events, e)
			return d.Object(func(key string) error { return e.readKey(d.Walker, key) })
		case "response":
			d.isMISP = true
			return d.read(line, depth+1)
		case "Attribute", "Object":
			isEvent = true
		}
		return event.readKey(d.Walker, key)
	})
	if isEvent {
		d.isMISP = true
		d.events = append(d.events, event)
	}
	return err
}

// isObject reports whether the next object is one of STIX other than a bundle: its id
// begins with its type.
func (d *document) isObject() bool {
	var kind, id lenient.Text
	d.Find("type", &kind)
	if kind == "" || kind == "bundle" {
		return false
	}
	d.Find("id", &id)
	return strings.HasPrefix(string(id), string(kind)+"--")
}
