package formats

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

const (
	// maxLine is the longest line of a list or CSV that is read, in bytes. It
	// is also how much of a file is looked at to find out its format.
	maxLine = 64 << 10
	// maxJSON is the largest JSON file that is read, in bytes: it is held in
	// memory as a whole.
	maxJSON = 512 << 20
)

// Read reads a file and calls yield for each thing in it, in the file's order.
// The name is for messages, and for the source of entries that have no other;
// "-" stands for standard input. It returns what the file was found to be.
//
// Lists and tables are read line by line, of which none may be longer than 64
// KB. If the first line ends in a carriage return alone, all may. A bad line is
// skipped, and never stops the rest. A STIX or MISP file is read as a whole
// before the first call of yield, so that one that is cut off or malformed
// yields nothing; it may have 512 MB. What is compressed with gzip is unpacked.
// UTF-16 is read like UTF-8; notes that are neither are read as Windows-1252.
//
// The error is a *FileError if the file can't be read: it is empty, cut off, of
// no format that Read knows or not of the one that the options say, or a table
// of which it isn't clear what its columns are. Otherwise it is what reading r
// or yield returned, or the context's.
func Read(ctx context.Context, r io.Reader, name string, o Options, yield func(Record) error) (Layout, error) {
	f := &file{ctx: ctx, name: name, fileSource: sourceOf(name), options: o, yield: yield}
	f.buffer = bufio.NewReaderSize(contextReader{ctx, r}, maxLine)
	err := f.read()
	var problem *FileError
	if err != nil && f.readErr != nil && !errors.As(err, &problem) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return f.layout, err
}

// file is a file that is being read.
type file struct {
	ctx  context.Context
	name string
	// fileSource is the source of entries for which nothing else names one.
	fileSource string
	options    Options
	yield      func(Record) error
	buffer     *bufio.Reader
	layout     Layout
	// readErr is what reading the file failed with.
	readErr error
}

// contextReader stops when its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func (f *file) problem(line int, format string, args ...any) error {
	return &FileError{Name: f.name, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// sourceOf is a file's name without folder and extension. Of a URL it begins with
// the host: many lists are called list.txt.
func sourceOf(name string) string {
	if name == "-" {
		return "standard input"
	}
	host := ""
	if _, address, isURL := strings.Cut(name, "://"); isURL {
		address = strings.TrimSuffix(strings.TrimSuffix(address, "/"), "/objects") // of a TAXII collection
		host, name, _ = strings.Cut(address, "/")
		if name == "" {
			return host
		}
		host += "/"
	}
	base := filepath.Base(strings.TrimSuffix(name, ".gz"))
	return host + cmp.Or(strings.TrimSuffix(base, filepath.Ext(base)), base)
}

// add applies the options to an entry and yields it. All formats call it.
func (f *file) add(r *Record) error {
	r.Entry.Source = f.source(&r.Entry)
	if problem := f.options.complete(&r.Entry); problem != "" {
		return f.skip(r.Line, r.Value, problem)
	}
	return f.yield(*r)
}

// source returns the source of an entry.
func (f *file) source(e *entry.Entry) string {
	return cmp.Or(f.options.Source, e.Source, f.fileSource)
}

// skip yields the reason why something is no entry.
func (f *file) skip(line int, value, reason string) error {
	return f.yield(Record{Line: line, Value: shown(value), Skipped: reason})
}

func (f *file) read() error {
	switch f.options.Format {
	case "", STIX, MISP, JSON, CSV, List:
	default:
		return f.problem(0, "%q is not a format: stix, misp, json, csv and list are", f.options.Format)
	}
	start, err := f.open()
	if err != nil {
		return err
	}
	switch f.options.Format {
	case CSV, List:
		return f.readLines(start)
	case "":
		if !startsJSON(start) {
			return f.readLines(start)
		}
	}
	if isJSONLines(start) {
		return f.readJSONLines(start)
	}
	return f.readJSON()
}

// startsJSON reports whether a text is JSON, and not a list whose first line
// happens to start with a bracket.
func startsJSON(start []byte) bool {
	text := bytes.TrimSpace(start)
	if len(text) == 0 {
		return false
	}
	inside := bytes.TrimSpace(text[1:])
	switch text[0] {
	case '{':
		return true
	case '[':
		return len(inside) == 0 || bytes.IndexByte([]byte(`{["]`), inside[0]) >= 0
	default:
		return false
	}
}

// readLines reads a list or a table.
func (f *file) readLines(start []byte) error {
	if endsInCR(start) {
		f.buffer = bufio.NewReaderSize(carriageReturns{f.buffer}, maxLine)
		var err error
		if start, err = f.peek(); err != nil {
			return err
		}
	}
	if len(start) == maxLine { // the last line in sight may be cut
		start = start[:bytes.LastIndexByte(start, '\n')+1]
	}
	if f.options.Format != CSV && f.options.Columns == nil {
		for _, s := range syntaxes() {
			if sharesOf(start, s.isRule) >= 0.5 {
				return f.startList("its lines are rules for "+s.name, s.read)
			}
		}
	}
	if word := fingerprints(f.name, start); word != "" && f.options.Type == "" && f.options.Columns == nil {
		return f.problem(1, "hashes, but by the word %q perhaps not of files: --type sha256 (or md5, sha1) says that they are", word)
	}
	plain := &plainList{kind: f.options.Type, sink: sinkOf(start)}
	if f.options.Format != List {
		c, t, err := f.findTable(start, plain)
		if err != nil {
			return err
		}
		if t != nil {
			return f.readCSV(c, t)
		}
	}
	if f.options.Format == "" {
		if err := f.checkList(start); err != nil {
			return err
		}
	}
	return f.startList("a value stands at the start of its lines", plain.read)
}

func (f *file) startList(why string, read func(string, func(listed) error) error) error {
	f.layout.Format, f.layout.Why = List, why
	if f.options.Format == List {
		f.layout.Why += ", by --format"
	}
	return f.readList(read)
}

// findTable decides whether the file is a table, and what its columns are. It
// returns no table for a list.
func (f *file) findTable(start []byte, plain *plainList) (*csvFile, *table, error) {
	c := findCSV(start, f.options.Columns)
	if c == nil {
		if f.options.Format == CSV {
			return nil, nil, f.problem(1, "not a table: no line is a header with a column for the value (value, indicator, or a type such as ip or sha256), and its lines have not equally many cells; --columns value=1 says which column is what")
		}
		return nil, nil, nil
	}
	isChosen := f.options.Format == CSV || f.options.Columns != nil
	if c.width() == 1 && !isChosen && c.names[0].isValue() && !isWeak(c.names[0].kind) {
		return nil, nil, nil // a list with a heading, and perhaps others
	}
	if c.header == 0 && !isChosen && isListLike(c, plain) {
		return nil, nil, nil
	}
	t, err := c.table(f.options.Columns)
	if err != nil {
		if c.header == 0 && !isChosen && f.checkList(start) != nil {
			return nil, nil, nil // no table either: checkList says what is wrong
		}
		return nil, nil, f.problem(max(1, c.header), "a table of which it isn't clear what is the value: %v; %s; --columns value=2,type=1 says which column is what, --format list reads only what stands first", err, c.describe())
	}
	if c.header == 0 && !isChosen && t.saysNoMore() {
		return nil, nil, nil
	}
	t.setOrders(c.rows)
	f.layout.Format, f.layout.HeaderLine, f.layout.Columns = CSV, c.header, t.layout()
	switch {
	case f.options.Columns != nil:
		f.layout.Why = "columns were chosen"
	case c.header > 0:
		f.layout.Why = fmt.Sprintf("line %d names its columns", c.header)
	default:
		f.layout.Why = "its lines have equally many cells"
	}
	if c.delimiter != 0 {
		f.layout.Why += fmt.Sprintf("; %q stands between cells", c.delimiter)
	}
	return c, t, nil
}

// fingerprints is the word in a file's name or first comments by which its hashes
// are those of certificates or connections, and not of files. It is empty for
// other files.
func fingerprints(name string, start []byte) string {
	found := ""
	note := func(text string) {
		for _, word := range wordsOf(text) {
			switch word {
			case "cert", "certs", "certificate", "certificates", "ssl", "tls", "ja3", "ja3s", "ja4", "jarm", "thumbprint", "thumbprints":
				found = word
			}
		}
	}
	note(filepath.Base(name))
	all, hashes := 0, 0
	for line := range bytes.Lines(start) {
		text := strings.TrimSpace(string(line))
		if text == "" || isComment(text) {
			if all == 0 && !strings.Contains(text, ",") { // one with a comma may be a header
				note(text)
			}
			continue
		}
		all++
		if slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') }), func(word string) bool {
			_, err := readHash(anyHash, word)
			return err == nil
		}) {
			hashes++
		}
		if all == maxSampleRows {
			break
		}
	}
	if 2*hashes < all {
		return ""
	}
	return found
}

// isListLike reports whether the lines that seem to be rows are values as they
// are, as URLs with a comma in them may be, or lines of a hosts file.
func isListLike(c *csvFile, plain *plainList) bool {
	whole := 0
	for _, cells := range c.rows {
		line := strings.Join(cells, string(c.delimiter))
		if _, isHosts := hostsNames(cells[0], strings.Join(cells[1:], " ")+" ", plain.sink); isHosts {
			whole++
		} else if _, err := readValue(plain.kind, line); err == nil && len(c.rows) < 5 {
			whole++
		}
	}
	return 2*whole > len(c.rows)
}

// sharesOf is which share of the lines, apart from comments, have a property.
func sharesOf(start []byte, property func(string) bool) float64 {
	all, having := 0, 0
	for line := range bytes.Lines(start) {
		text := strings.TrimSpace(string(line))
		if text == "" || isComment(text) {
			continue
		}
		if all++; property(text) {
			having++
		}
	}
	return float64(having) / float64(max(all, 1))
}

// checkList refuses a text that is no list of indicators: one in which fewer
// than one line in five of those in sight is one. Rules of ad-block lists that
// can't be used don't count.
func (f *file) checkList(start []byte) error {
	plain := &plainList{kind: f.options.Type, sink: sinkOf(start)}
	var first error
	number, good, bad := 0, 0, 0
	for line := range bytes.Lines(start) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || isComment(text) {
			continue
		}
		_ = plain.read(text, func(l listed) error {
			switch l.problem {
			case "":
				good++
			case adblockProblem, exceptionProblem:
			default:
				bad++
				if first == nil {
					first = f.problem(number, "neither STIX, MISP, a table nor a list of indicators: %q is %s", shown(l.value), l.problem)
				}
			}
			return nil
		})
	}
	if 4*good >= bad {
		return nil
	}
	return first
}

// lineAt returns the line of an offset, from 1.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}
