package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/lenient"
)

// maxWrapping is how deep a bundle or event may lie in lists and "response"
// objects.
const maxWrapping = 4

// readJSON reads a JSON file. It looks at the document's keys to find out of which
// format, and of STIX and MISP collects everything before it yields anything.
func (f *file) readJSON() error {
	data, all, err := readWhole(f.buffer, maxJSON)
	if err != nil {
		f.readErr = err
		return err
	}
	if !all {
		return f.tooLarge()
	}
	return f.readDocument(data)
}

func (f *file) tooLarge() error {
	return f.problem(0, "larger than %d MB, which is too large for a JSON file: split it", maxJSON>>20)
}

// gcPercent is how much garbage may gather while a large document is in memory, in
// percent of what is in use.
const gcPercent = 20

// readDocument reads a JSON document.
func (f *file) readDocument(data []byte) error {
	if len(data) > maxPiece { // otherwise garbage as large as the document may gather
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
		return f.problem(1, "STIX 1, which is not read: get it as STIX 2")
	}
	rows := &jsonTable{file: f}
	if err := rows.readRows(lenient.NewWalker(data), "", 0); err != nil {
		return err
	}
	if rows.rows == 0 {
		return f.problem(1, "JSON, but neither a STIX bundle, a MISP event nor a list of objects with a value")
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

// document is a JSON file of either format. Bundles and events may lie in lists
// and in the answers of servers, and without what is around them: single objects
// of STIX, a list of them, an event's content, a list of attributes.
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

// isObject reports whether the object at which the walker is stands for itself
// in STIX: its id begins with its type, and it isn't a bundle.
func (d *document) isObject() bool {
	var kind, id lenient.Text
	d.Find("type", &kind)
	if kind == "" || kind == "bundle" {
		return false
	}
	d.Find("id", &id)
	return strings.HasPrefix(string(id), string(kind)+"--")
}
