package formats

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
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
	// maxLine is the longest line of a list or CSV, in bytes. The format is detected
	// from the same number of bytes.
	maxLine = 64 << 10
	// maxJSON is the largest JSON file, in bytes: all of it is in memory.
	maxJSON = 512 << 20
)

// Read reads a file and calls yield for each thing in it, in the file's order.
// The name is for messages, and for the source of entries that have no other.
// Read returns the detected format.
//
// Lists and tables are read line by line. A line may have 64 KB, and may end in a
// carriage return alone if the first one does. Invalid lines are skipped. A JSON file
// may have 512 MB. It is read as a whole before the first call of yield, so that a
// truncated or malformed one yields nothing. Files compressed with gzip are unpacked.
// UTF-16 is decoded. Text that isn't UTF-8 is read as Windows-1252.
//
// The error is a *FileError if the file can't be read: it is empty, truncated, of an
// unknown format or not of the one in the options, or its columns are ambiguous.
// Otherwise it is the error of r, of yield or of ctx.
func Read(ctx context.Context, r io.Reader, name string, o Options, yield func(Record) error) (Layout, error) {
	f := &file{name: name, fileSource: sourceOf(name), options: o, yield: func(r Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return yield(r)
	}}
	f.buffer = bufio.NewReaderSize(contextReader{ctx, r}, maxLine)
	err := f.read()
	damaged := errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case err == nil || f.readErr == nil:
	case f.layout.Compression != "" && damaged:
		err = f.problem(0, "compressed with gzip, but cut off or damaged: get the file again")
	default:
		err = fmt.Errorf("%s: %w", name, err)
	}
	return f.layout, err
}

// file is the state of a call of Read.
type file struct {
	name string
	// fileSource is the source of entries without another.
	fileSource string
	options    Options
	yield      func(Record) error
	buffer     *bufio.Reader
	layout     Layout
	// readErr is the error of the reader, or nil.
	readErr error
}

// contextReader fails when its context is done.
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

// sourceOf returns a file's name without folder and extension. For a URL it begins
// with the host, because many lists are called list.txt.
func sourceOf(name string) string {
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

// add applies the options to a record and yields it. All formats call it. The entry of a
// skipped record keeps only its source.
func (f *file) add(r *Record) error {
	r.Value = shown(r.Value)
	r.Entry.Source = cmp.Or(f.options.Source, r.Entry.Source, f.fileSource)
	if r.Skipped == "" {
		r.Skipped = f.options.complete(&r.Entry)
	}
	if r.Skipped != "" {
		r.Entry = entry.Entry{Source: r.Entry.Source}
	}
	return f.yield(*r)
}

// skip yields a record without an entry.
func (f *file) skip(line int, value, reason string) error {
	return f.add(&Record{Line: line, Value: value, Skipped: reason})
}

func (f *file) read() error {
	switch f.options.Format {
	case "", STIX, MISP, JSON, CSV, List:
	default:
		return f.problem(0, "%q is not a format: use stix, misp, json, csv or list", f.options.Format)
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
	data, err := f.readAll()
	if err != nil {
		return err
	}
	return f.readDocument(data)
}

// startsJSON reports whether a text is JSON rather than a list whose first line
// starts with a bracket.
func startsJSON(start []byte) bool {
	text := bytes.TrimSpace(start)
	inside, isArray := bytes.CutPrefix(text, []byte("["))
	inside = bytes.TrimSpace(inside)
	return bytes.HasPrefix(text, []byte("{")) || isArray && (len(inside) == 0 || bytes.IndexByte([]byte(`{["]`), inside[0]) >= 0)
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
	if len(start) == maxLine { // the last line may be cut
		start = start[:bytes.LastIndexByte(start, '\n')+1]
	}
	lines, _ := content(start)
	if f.options.Format != CSV && f.options.Columns == nil {
		rules := slices.DeleteFunc(slices.Clone(lines), isZoneData)
		for _, s := range syntaxes() {
			if share(rules, s.isRule) >= 0.5 {
				return f.startList("its lines are rules for "+s.name, withoutComments(s.parse))
			}
		}
	}
	word := fingerprints(f.name, start)
	if word != "" && f.options.Type == "" && f.options.Columns == nil && share(lines, hasHash) >= 0.5 {
		return f.problem(1, "hashes that may not be of files, by the word %q: if they are, use --type sha256 (or md5, sha1)", word)
	}
	plain := &plainList{kind: f.options.Type, sink: sinkOf(lines)}
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
	return f.startList("its lines start with a value", plain.parse)
}

func (f *file) startList(why string, parse lineParser) error {
	f.layout.Format, f.layout.Why = List, why
	if f.options.Format == List {
		f.layout.Why += ", by --format"
	}
	return f.readList(parse)
}

// findTable detects the columns of a table. It returns no table for a list.
func (f *file) findTable(start []byte, plain *plainList) (*csvFile, table, error) {
	c := findCSV(start, f.options.Columns)
	if c == nil {
		if f.options.Format == CSV {
			return nil, nil, f.problem(1, "not a table: no line is a header with a value column (value, indicator, or a type such as ip or sha256), and its lines have different numbers of cells; choose the columns with --columns value=1")
		}
		return nil, nil, nil
	}
	isChosen := f.options.Format == CSV || f.options.Columns != nil
	if len(c.names) == 1 && !isChosen && c.names[0].role == valueRole && !isWeak(c.names[0].kind) {
		return nil, nil, nil // a list with headings
	}
	if c.header == 0 && !isChosen && isListLike(c, plain) {
		return nil, nil, nil
	}
	t, err := newTable(c.names, c.rows, f.options.Columns)
	if err != nil {
		if c.header == 0 && !isChosen && f.checkList(start) != nil {
			return nil, nil, nil // not a table either: checkList returns a better error
		}
		return nil, nil, f.problem(max(1, c.header), "it isn't clear which column of this table has the values: %v; %s; choose the columns with --columns value=2,type=1, or read only the start of each line with --format list", err, c.describe())
	}
	if c.header == 0 && !isChosen && t.isList() {
		return nil, nil, nil
	}
	f.layout.Format, f.layout.HeaderLine, f.layout.Columns = CSV, c.header, t.layout()
	switch {
	case f.options.Columns != nil:
		f.layout.Why = "columns were chosen"
	case c.header > 0:
		f.layout.Why = fmt.Sprintf("line %d names its columns", c.header)
	default:
		f.layout.Why = "its lines have the same number of cells"
	}
	if c.delimiter != 0 {
		f.layout.Why += fmt.Sprintf("; %q separates its cells", c.delimiter)
	}
	return c, t, nil
}

// fingerprints returns the word in a file's name or first comments that suggests that
// its hashes are of certificates or connections rather than of files, or "".
func fingerprints(name string, start []byte) (found string) {
	words := wordsOf(filepath.Base(name))
	for line := range bytes.Lines(start) {
		text := strings.TrimSpace(string(line))
		if text != "" && !isComment(text) {
			break
		}
		if !strings.Contains(text, ",") { // one with a comma may be a header
			words = append(words, wordsOf(text)...)
		}
	}
	for _, word := range words {
		if slices.Contains(measures, word) {
			found = word
		}
	}
	return found
}

// hasHash reports whether a word of a line is a hash.
func hasHash(line string) bool {
	isHash := func(word string) bool { _, err := readHash(anyHash, word); return err == nil }
	isSpace := func(r rune) bool { return !isLetter(r) && (r < '0' || r > '9') }
	return slices.ContainsFunc(strings.FieldsFunc(line, isSpace), isHash)
}

// content returns the lines of a text that are neither blank nor comments, without
// surrounding space, and their numbers from 1.
func content(text []byte) (lines []string, numbers []int) {
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if s := strings.TrimSpace(string(line)); s != "" && !isComment(s) {
			lines, numbers = append(lines, s), append(numbers, number)
		}
	}
	return lines, numbers
}

// isListLike reports whether the lines that seem to be rows are values, such as URLs
// with a comma, or lines of a hosts file.
func isListLike(c *csvFile, plain *plainList) bool {
	return share(c.rows, func(cells []string) bool {
		if _, isHosts := hostsNames(cells[0], strings.Join(cells[1:], " ")+" ", plain.sink); isHosts {
			return true
		}
		_, err := readValue(plain.kind, strings.Join(cells, string(c.delimiter)))
		return err == nil && len(c.rows) < 5
	}) > 0.5
}

// checkList refuses a text in which fewer than one line in five is an indicator.
// Unusable rules of ad-block lists and references don't count.
func (f *file) checkList(start []byte) error {
	lines, numbers := content(start)
	plain := &plainList{kind: f.options.Type, sink: sinkOf(lines)}
	var first error
	good, bad := 0, 0
	for i, line := range lines {
		for _, l := range plain.parse(nil, line) {
			switch l.problem {
			case "":
				good++
			case adblockProblem, exceptionProblem, linkProblem:
			default:
				bad++
				hint := ""
				if strings.ContainsAny(line, delimiters) {
					hint = "; if it is a table, choose its columns with --columns value=1"
				}
				first = cmp.Or(first, f.problem(numbers[i], "not STIX, MISP, a table or a list of indicators: %q is %s%s", shown(l.value), l.problem, hint))
			}
		}
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
