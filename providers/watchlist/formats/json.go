package formats

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
)

// maxWrapping is how many lists and "response" objects may be around a bundle or event.
const maxWrapping = 4

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

// Files of more than largeJSON bytes are decoded with GOGC at gcPercent. Otherwise the
// garbage may grow as large as the data.
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
	}
	rows := &jsonTable{file: f}
	if err := rows.readRows(lenient.NewWalker(data), "", 0); err != nil {
		return err
	}
	if rows.isEmpty() {
		if err := rows.addDocument(data); err != nil {
			return err
		}
	}
	if rows.isEmpty() {
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
// and responses of servers. It may also be only a part of one: an object of STIX, a list
// of objects, the content of an event, or a list of attributes.
type document struct {
	*lenient.Walker
	isSTIX, isMISP bool
	stix           *bundle
	events         []*rawEvent
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
			isEmpty := true
			err := d.Array(func(line int) error {
				isEmpty = false
				d.isSTIX = d.isSTIX || d.isObject() // other servers have objects too
				return d.stix.read(d.Walker, line)
			})
			d.isSTIX = d.isSTIX || isEmpty
			return err
		case "id":
			var id lenient.Text
			err := d.Decode(&id)
			d.isSTIX = d.isSTIX || strings.HasPrefix(string(id), "bundle--")
			return err
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
// begins with its type, or it is an indicator with a pattern.
func (d *document) isObject() bool {
	var kind, id, pattern lenient.Text
	d.Find("type", &kind)
	if kind == "" || kind == "bundle" {
		return false
	}
	d.Find("id", &id)
	if strings.HasPrefix(string(id), string(kind)+"--") {
		return true
	}
	d.Find("pattern", &pattern)
	return kind == "indicator" && pattern != ""
}

// jsonTable makes a table of the objects in a JSON document. Their keys are the columns.
// A nested key is "outer.inner".
type jsonTable struct {
	file  *file
	table table
	names []string
	// waiting are the first rows, from which the columns are detected.
	waiting []jsonRow
	// isValue caches hasValues.
	isValue map[string]bool
}

type jsonRow struct {
	line  int
	cells map[string]string
}

// isEmpty reports whether there are no rows.
func (t *jsonTable) isEmpty() bool { return t.table == nil && len(t.waiting) == 0 }

// add yields the entries of a row, or keeps it until the columns are known.
func (t *jsonTable) add(line int, cells map[string]string) error {
	if t.table != nil {
		return t.file.addRow(t.table, line, t.cells(cells))
	}
	if t.waiting = append(t.waiting, jsonRow{line, cells}); len(t.waiting) < maxSampleRows {
		return nil
	}
	return t.decide()
}

// decide detects the columns, and yields the rows that waited for them.
func (t *jsonTable) decide() error {
	if len(t.waiting) == 0 || t.table != nil {
		return nil
	}
	for _, row := range t.waiting {
		for name := range row.cells {
			if !slices.Contains(t.names, name) {
				t.names = append(t.names, name)
			}
		}
	}
	slices.Sort(t.names)
	columns := make([]column, len(t.names))
	for i, name := range t.names {
		columns[i] = columnOfKey(name)
	}
	var rows [][]string
	for _, row := range t.waiting {
		rows = append(rows, t.cells(row.cells))
	}
	var err error
	t.table, err = newTable(columns, rows, t.file.options.Columns)
	if err != nil {
		return t.file.problem(t.waiting[0].line, "it isn't clear which key of these JSON objects has the values: %v; the keys are %q; choose it with --columns value=KEY", err, shown(strings.Join(t.names, ", ")))
	}
	layout := &t.file.layout
	layout.Format, layout.Why, layout.Columns = JSON, "its objects have keys for a value", t.table.layout()
	for _, row := range t.waiting {
		if err := t.file.addRow(t.table, row.line, t.cells(row.cells)); err != nil {
			return err
		}
	}
	t.waiting = nil
	return nil
}

// cells returns the cells of a row in the order of the columns.
func (t *jsonTable) cells(named map[string]string) []string {
	cells := make([]string, len(t.names))
	for i, name := range t.names {
		cells[i] = named[name]
	}
	return cells
}

// urlParts are the names of the parts of a URL.
var urlParts = []string{
	"scheme", "protocol", "username", "password", "domain", "host", "hostname", "subdomain", "registereddomain", "topleveldomain",
	"port", "path", "pathname", "extension", "query", "search", "fragment",
}

// columnOfKey returns the column of a key. If its name is unknown, its last parts may
// have one. The parts of a URL are not read.
func columnOfKey(name string) column {
	keys := strings.Split(name, ".")
	for i, key := range keys[1:] {
		if kindNames[plainName(keys[i])] == ctim.TypeURL && slices.Contains(urlParts, plainName(key)) {
			return column{name: name}
		}
	}
	for rest := name; ; {
		c, _ := columnNamed(rest)
		_, inner, more := strings.Cut(rest, ".")
		if c.role != unknownRole || !more {
			c.name = name
			return c
		}
		rest = inner
	}
}

// readRows reads the rows of a document: the objects in its lists, and the texts
// in lists whose key is the name of a kind of values.
func (t *jsonTable) readRows(w *lenient.Walker, key string, depth int) error {
	if depth > maxWrapping {
		return w.Skip()
	}
	switch w.Peek() {
	case '{':
		return w.Object(func(key string) error {
			if t.isAllowlist(key) {
				return w.Skip()
			}
			return t.readRows(w, key, depth+1)
		})
	case '[':
		return w.Array(func(line int) error {
			if w.Peek() == '[' {
				return t.readRows(w, key, depth+1)
			}
			var element any
			if err := w.Decode(&element); err != nil {
				return err
			}
			return t.addElement(line, key, element, depth)
		})
	default:
		return w.Skip()
	}
}

// addElement adds an element of a list if it is a row, and otherwise the rows in it.
func (t *jsonTable) addElement(line int, key string, element any, depth int) error {
	switch element := element.(type) {
	case string:
		if key == "" || t.hasValues(key) {
			return t.add(line, map[string]string{cmp.Or(key, "value"): element})
		}
	case map[string]any:
		cells := map[string]string{}
		flatten("", element, cells)
		for name := range cells {
			if t.hasValues(name) {
				return t.add(line, cells)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(element)) {
			list, ok := element[key].([]any)
			if !ok || depth >= maxWrapping || t.isAllowlist(key) {
				continue
			}
			for _, inner := range list {
				if err := t.addElement(line, key, inner, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// isAllowlist reports whether a key is the name of a list that isn't malicious, unless
// the file is imported as clean.
func (t *jsonTable) isAllowlist(key string) bool {
	c, _ := columnNamed(key)
	return c.role == allowRole && t.file.options.Disposition != ctim.Clean
}

// addDocument adds a document that is one row with a type, such as {"type": "ip", "value":
// "192.0.2.1"}. An error of a server may have a link, but no type.
func (t *jsonTable) addDocument(data []byte) error {
	var object map[string]any
	if json.Unmarshal(data, &object) != nil {
		return nil // such as a list
	}
	cells := map[string]string{}
	flatten("", object, cells)
	var columns table
	for name := range cells {
		columns = append(columns, columnOfKey(name))
	}
	if !columns.has(typeRole) || !slices.ContainsFunc(columns, func(c column) bool { return c.role == valueRole && c.kind == "" }) {
		return nil
	}
	return t.add(1, cells)
}

// hasValues reports whether a key is a name of values.
func (t *jsonTable) hasValues(key string) bool {
	is, known := t.isValue[key]
	if !known {
		c := columnOfKey(key)
		is = c.role == valueRole || c.role == firstRole
		if t.isValue == nil {
			t.isValue = map[string]bool{}
		}
		t.isValue[key] = is
	}
	return is
}

// flatten adds an object's properties to cells. A list of texts is one cell.
func flatten(prefix string, object map[string]any, cells map[string]string) {
	for key, value := range object {
		switch value := value.(type) {
		case map[string]any:
			flatten(prefix+key+".", value, cells)
		case []any:
			var texts []string
			for _, one := range value {
				if text, ok := textOf(one); ok {
					texts = append(texts, text)
				}
			}
			cells[prefix+key] = strings.Join(texts, "\n")
		default:
			if text, ok := textOf(value); ok {
				cells[prefix+key] = text
			}
		}
	}
}

// textOf returns a string, boolean or number as text.
func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return "", false
}

// isJSONLines reports whether the first lines of a text are JSON documents.
func isJSONLines(start []byte) bool {
	first, rest, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	rest = bytes.TrimSpace(rest)
	return len(rest) > 0 && rest[0] == '{' && json.Valid(first)
}

// readJSONLines reads a document for each line: rows, or objects of STIX or MISP.
func (f *file) readJSONLines(start []byte) error {
	first, _, _ := bytes.Cut(bytes.TrimSpace(start), []byte("\n"))
	probe := document{Walker: lenient.NewWalker(first), stix: newBundle()}
	if err := probe.read(1, 0); err == nil && (probe.isMISP || probe.isSTIX) {
		return f.readDocuments()
	}
	rows := &jsonTable{file: f}
	err := f.eachRecord(&lines{buffer: f.buffer}, 0, func(line int, text string) error {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			return f.skip(line, text, "not a JSON object")
		}
		cells := map[string]string{}
		flatten("", object, cells)
		return rows.add(line, cells)
	})
	if err != nil {
		return err
	}
	return rows.decide()
}

// readDocuments reads JSON Lines of STIX or MISP like a JSON array.
func (f *file) readDocuments() error {
	data, err := f.readAll()
	if err != nil {
		return err
	}
	var list bytes.Buffer
	list.WriteByte('[')
	for line := range bytes.Lines(data) {
		if list.Len() > 1 && len(bytes.TrimSpace(line)) > 0 {
			list.WriteByte(',')
		}
		list.Write(line)
	}
	list.WriteByte(']')
	return f.readDocument(list.Bytes())
}
