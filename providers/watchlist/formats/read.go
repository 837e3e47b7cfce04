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
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/serverless-relay/relay/providers/watchlist"
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
// "-" stands for standard input. It returns the file's format.
//
// Lists and CSV are read line by line, of which none may be longer than 64 KB.
// Where the first line ends in a carriage return alone, all may. A bad line is
// skipped, and never stops the rest. A STIX or MISP file is read as a whole
// before the first call of yield, so that one that is cut off or malformed
// yields nothing; it may have 512 MB. UTF-16 with a byte order mark is read like
// UTF-8.
//
// The error is a *FileError where the file can't be read: it is empty, cut
// off, not UTF-8, compressed, of no format that Read knows or not of the one
// that the options say. Else it is what reading r or yield returned, or the
// context's.
func Read(ctx context.Context, r io.Reader, name string, o Options, yield func(Record) error) (Format, error) {
	f := &file{ctx: ctx, name: name, fileSource: sourceOf(name), options: o, yield: yield}
	f.buffer = bufio.NewReaderSize(contextReader{ctx, r}, maxLine)
	format, err := f.read()
	var problem *FileError
	if err != nil && f.readErr != nil && !errors.As(err, &problem) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return format, err
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

// sourceOf is a file's name without folder and extension.
func sourceOf(name string) string {
	if name == "-" {
		return "standard input"
	}
	base := filepath.Base(name)
	return cmp.Or(strings.TrimSuffix(base, filepath.Ext(base)), base)
}

// add yields an entry, after the options had their say. All formats go through
// here.
func (f *file) add(r *Record) error {
	r.Entry.Source = f.source(&r.Entry)
	if problem := f.options.complete(&r.Entry); problem != "" {
		return f.skip(r.Line, r.Value, problem)
	}
	return f.yield(*r)
}

// source is who says what an entry says.
func (f *file) source(e *watchlist.Entry) string {
	return cmp.Or(f.options.Source, e.Source, f.fileSource)
}

// skip yields the reason why something is no entry.
func (f *file) skip(line int, value, reason string) error {
	return f.yield(Record{Line: line, Value: shown(value), Skipped: reason})
}

func (f *file) read() (Format, error) {
	switch f.options.Format {
	case "", STIX, MISP, CSV, List:
	default:
		return "", f.problem(0, "%q is not a format: stix, misp, csv and list are", f.options.Format)
	}
	start, err := f.peek()
	if err != nil {
		return "", err
	}
	if err := f.checkStart(start); err != nil {
		return "", err
	}
	if format := f.options.Format; format == STIX || format == MISP || format == "" && startsJSON(start) {
		return f.readJSON()
	}
	return f.readLines(start)
}

// peek is the start of the file, as UTF-8 and without a byte order mark.
func (f *file) peek() ([]byte, error) {
	start, err := f.buffer.Peek(maxLine)
	if err != nil && err != io.EOF {
		f.readErr = err
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = f.buffer.Discard(3)
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		utf16 := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		f.buffer = bufio.NewReaderSize(transform.NewReader(f.buffer, utf16), maxLine)
	default:
		return start, nil
	}
	start, err = f.buffer.Peek(maxLine)
	if err != nil && err != io.EOF {
		f.readErr = err
		return nil, err
	}
	return start, nil
}

// compressed are the first bytes of files that must be unpacked first.
var compressed = []struct{ magic, name string }{
	{"\x1f\x8b", "gzip"},
	{"PK\x03\x04", "zip"},
	{"BZh", "bzip2"},
	{"\xfd7zXZ\x00", "xz"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"7z\xbc\xaf\x27\x1c", "7z"},
}

// checkStart refuses a file that no format can start like.
func (f *file) checkStart(start []byte) error {
	for _, c := range compressed {
		if bytes.HasPrefix(start, []byte(c.magic)) {
			return f.problem(0, "compressed with %s: unpack it first", c.name)
		}
	}
	text := bytes.TrimSpace(start)
	if len(text) == 0 {
		if len(start) < maxLine {
			return f.problem(0, "the file is empty")
		}
		return nil
	}
	if nul := bytes.IndexByte(start, 0); nul >= 0 {
		return f.problem(lineAt(start, nul), "not a text file: it has NUL bytes (if it is UTF-16, save it as UTF-8)")
	}
	if text[0] == '<' {
		return f.problem(1, "HTML or XML, which is not read (STIX 1 is XML; a page instead of a file often is a failed download)")
	}
	return nil
}

// startsJSON tells a JSON document from a list whose first line happens to
// start with a bracket.
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

// readLines reads a list or CSV.
func (f *file) readLines(start []byte) (Format, error) {
	if endsInCR(start) {
		f.buffer = bufio.NewReaderSize(carriageReturns{f.buffer}, maxLine)
		var err error
		if start, err = f.peek(); err != nil {
			return "", err
		}
	}
	whole := len(start) < maxLine
	if !whole {
		// The last line in sight may be cut.
		start = start[:bytes.LastIndexByte(start, '\n')+1]
	}
	h, found := findHeader(start)
	switch {
	case f.options.Format == CSV && !found:
		return "", f.problem(1, "no CSV header with a column for the value (value, indicator, ioc, observable, or a type such as ip or sha256)")
	case found && f.options.Format != List:
		return CSV, f.readCSV(h)
	}
	if f.options.Format == "" {
		if err := f.checkList(start); err != nil {
			return "", err
		}
	}
	return List, f.readList()
}

// checkList refuses a text that is no list of indicators: one where fewer than
// one line in five of those in sight is one. Rules of ad-block lists that can't
// be used don't count.
func (f *file) checkList(start []byte) error {
	var first error
	number, good, bad := 0, 0, 0
	for line := range bytes.Lines(start) {
		number++
		_ = listLine(string(line), func(l listed) error {
			switch l.problem {
			case "":
				good++
			case adblockProblem:
			default:
				bad++
				if first == nil {
					first = f.problem(number, "neither STIX, MISP, CSV with a header nor a list of indicators: %q is %s", shown(l.value), l.problem)
				}
			}
			return nil
		})
	}
	switch {
	case 4*good >= bad:
		return nil
	case !utf8.Valid(start):
		return f.problem(lineAt(start, invalidAt(start)), "not UTF-8: save it as UTF-8")
	default:
		return first
	}
}

// invalidAt is where a text stops being UTF-8.
func invalidAt(text []byte) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// lineAt is the line, counted from 1, in which an offset lies.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}
