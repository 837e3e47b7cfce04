package formats

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/ctim"
)

// header is what the first line of a CSV says.
type header struct {
	// lines is how many lines come before the first line of data.
	lines     int
	delimiter byte
	columns   []column
	// unknown are the names of columns that mean nothing here.
	unknown []string
}

// findHeader looks for a header in the start of a file: on its first line that
// isn't blank or a comment, or else on the comment before that line, as some
// feeds have it.
func findHeader(start []byte) (header, bool) {
	number := 0
	comment, delimiters := "", ",;\t"
	for line := range bytes.Lines(start) {
		number++
		if delimiter, ok := namedDelimiter(string(line)); ok {
			delimiters = delimiter
			continue
		}
		text := strings.TrimSpace(string(line))
		switch {
		case text == "":
		case text[0] == '#':
			comment = strings.TrimSpace(strings.TrimLeft(text, "#"))
		default:
			if h, ok := parseHeader(text, delimiters); ok {
				h.lines = number
				return h, true
			}
			h, ok := parseHeader(comment, delimiters)
			if !ok || len(h.columns) < 2 {
				return h, false
			}
			fields, _ := splitFields(text, h.delimiter)
			h.lines = number - 1
			return h, len(fields) == len(h.columns)
		}
	}
	return header{}, false
}

// namedDelimiter reads the line "sep=;", with which Excel and other
// spreadsheets begin a file to say what stands between its fields.
func namedDelimiter(line string) (string, bool) {
	line = strings.Trim(strings.TrimRight(line, "\r\n"), `"`)
	if len(line) != len("sep=;") || !strings.EqualFold(line[:4], "sep=") {
		return "", false
	}
	return line[4:], strings.Contains(",;\t|", line[4:])
}

// parseHeader takes the delimiter that yields the most columns with a meaning.
func parseHeader(text, delimiters string) (header, bool) {
	var best header
	known := 0
	for _, delimiter := range []byte(delimiters) {
		names, _ := splitFields(text, delimiter)
		h := header{delimiter: delimiter}
		found, hasValue := 0, false
		for _, name := range names {
			c := columnOf(name)
			h.columns = append(h.columns, c)
			hasValue = hasValue || c.kind == valueColumn
			if c.kind == noColumn {
				h.unknown = append(h.unknown, strings.TrimSpace(name))
			} else {
				found++
			}
		}
		if hasValue && found > known {
			best, known = h, found
		}
	}
	return best, known > 0
}

func (f *file) readCSV(h header) error {
	in := lines{buffer: f.buffer}
	for range h.lines {
		if _, err := in.next(); err != nil && !errors.Is(err, errLongLine) {
			f.readErr = err
			return err
		}
	}
	if len(h.unknown) > 0 {
		if err := f.skip(h.lines, strings.Join(h.unknown, ", "), "columns of no known name: their content is not read"); err != nil {
			return err
		}
	}
	for {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		text, line, err := in.csvRecord(h.delimiter)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errLongLine), errors.Is(err, errOpenQuote):
			err = f.skip(line, text, err.Error())
		case err != nil:
			f.readErr = err
		default:
			err = f.csvLine(h, line, text)
		}
		if err != nil {
			return err
		}
	}
}

// errOpenQuote says that a quoted field is never closed.
var errOpenQuote = errors.New("a quote is opened, but not closed within 64 KB")

// csvRecord reads a record: a line, or several where a quoted field spans
// them. Where a quote isn't closed, only the line in which it opens is lost:
// those after it are read anew.
func (l *lines) csvRecord(delimiter byte) (text string, line int, err error) {
	first, err := l.next()
	if err != nil {
		return string(first), l.number, err
	}
	text, line = string(first), l.number
	if _, open := splitFields(text, delimiter); !open {
		return text, line, nil
	}
	var more []readLine
	whole := []byte(text)
	for {
		next, err := l.next()
		if err != nil && err != io.EOF && !errors.Is(err, errLongLine) {
			return "", line, err
		}
		if err != io.EOF {
			more = append(more, readLine{bytes.Clone(next), err})
		}
		if err != nil || len(whole)+len(next) > maxLine {
			l.unread(more)
			return text, line, errOpenQuote
		}
		whole = append(append(whole, '\n'), next...)
		// Only the new line is looked at: it goes on inside of quotes.
		if _, open := splitFields("\"\n"+string(next), delimiter); !open {
			return string(whole), line, nil
		}
	}
}

// splitFields splits a record, and says whether a quoted field is still open
// at its end. A quote counts only at the start of a field; what follows a
// closing one up to the delimiter is kept.
func splitFields(text string, delimiter byte) (fields []string, open bool) {
	for {
		start := strings.TrimLeft(text, " ")
		if !strings.HasPrefix(start, `"`) {
			field, rest, more := strings.Cut(text, string(delimiter))
			fields = append(fields, strings.TrimSpace(field))
			if !more {
				return fields, false
			}
			text = rest
			continue
		}
		var field strings.Builder
		text = start[1:]
		for {
			before, after, closed := strings.Cut(text, `"`)
			field.WriteString(before)
			if !closed {
				return append(fields, field.String()), true
			}
			text = after
			if !strings.HasPrefix(after, `"`) {
				break
			}
			field.WriteByte('"')
			text = after[1:]
		}
		trailing, rest, more := strings.Cut(text, string(delimiter))
		field.WriteString(strings.TrimRight(trailing, " \t\r"))
		fields = append(fields, strings.TrimSpace(field.String()))
		if !more {
			return fields, false
		}
		text = rest
	}
}

func (f *file) csvLine(h header, line int, text string) error {
	if trimmed := strings.TrimSpace(text); trimmed == "" || trimmed[0] == '#' {
		return nil
	}
	if !utf8.ValidString(text) {
		return f.skip(line, text, "not UTF-8")
	}
	fields, _ := splitFields(text, h.delimiter)
	if len(fields) != len(h.columns) {
		return f.skip(line, text, fmt.Sprintf("not as many fields as the header has columns: %d, not %d", len(fields), len(h.columns)))
	}
	base := f.options.blank()
	var given csvRow
	for i, c := range h.columns {
		if fields[i] == "" {
			continue
		}
		if err := c.read(fields[i], &base, &given); err != nil {
			return f.skip(line, fields[i], err.Error())
		}
	}
	if len(given.values) == 0 {
		return f.skip(line, text, "the value is blank")
	}
	for _, v := range given.values {
		r, err := readValue(cmp.Or(v.kind, given.kind), v.text)
		if err != nil {
			if err := f.skip(line, v.text, err.Error()); err != nil {
				return err
			}
			continue
		}
		record := Record{Line: line, Entry: base, Value: shown(v.text)}
		record.Entry.Observable = r.observable
		record.Entry.Subdomains = r.subdomains || base.Subdomains && isDomain(r.observable.Type)
		record.Entry.Description = joinNotes(base.Description, r.note)
		if err := f.add(&record); err != nil {
			return err
		}
	}
	return nil
}

// csvRow is what a row says about what its values are.
type csvRow struct {
	kind   ctim.ObservableType
	values []csvValue
}

type csvValue struct {
	text string
	// kind is the column's type, where its name is one.
	kind ctim.ObservableType
}
