package formats

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// csvFile is a file whose lines are rows of a table.
type csvFile struct {
	// delimiter separates cells. It is 0 for a table of one column, whose
	// lines are cells as they are.
	delimiter byte
	// skip is the number of lines before the first row.
	skip int
	// header is the line with the names of the columns, from 1, or 0 without one.
	header int
	names  []column
	// choices are the chosen columns. A name among them shows the header.
	choices []ColumnChoice
	// rows are the first rows.
	rows [][]string
	// known is the number of columns with a known name.
	known int
}

// findCSV detects a table at the start of a file, or returns nil. A table has a header
// on its first lines or in a comment before them, or lines with the same number of
// cells.
func findCSV(start []byte, choices []ColumnChoice) *csvFile {
	var best *csvFile
	line, _, _ := bytes.Cut(start, []byte("\n"))
	for _, delimiter := range []byte(cmp.Or(namedDelimiter(string(line)), delimiters)) {
		c := sampleCSV(start, delimiter, choices)
		if c == nil || choices == nil && !c.isTable() {
			continue
		}
		if best == nil || c.known > best.known || c.known == best.known && len(c.names) > len(best.names) {
			best = c
		}
	}
	if best == nil && choices != nil {
		best = sampleCSV(start, 0, choices)
	}
	return best
}

// delimiters are the possible delimiters of cells.
const delimiters = ",;\t|"

// namedDelimiter returns the delimiter that spreadsheets may name on the first line,
// "sep=;", or "".
func namedDelimiter(line string) string {
	name, found := strings.CutPrefix(strings.ToLower(strings.Trim(line, "\"\r\n")), "sep=")
	if !found || len(name) != 1 || !strings.Contains(delimiters, name) {
		return ""
	}
	return name
}

// maxTitles is how many of the first rows may be the header. Titles may precede it.
const maxTitles = 6

// sampleCSV parses the first rows with a delimiter, or returns nil if there are none.
func sampleCSV(start []byte, delimiter byte, choices []ColumnChoice) *csvFile {
	c := &csvFile{delimiter: delimiter, choices: choices}
	in := lines{buffer: bufio.NewReaderSize(bytes.NewReader(start), maxLine)}
	type comment struct {
		line int
		text string
	}
	var comments []comment
	var starts []int // the lines of the rows
	for len(c.rows) <= maxSampleRows {
		text, line, err := in.csvRecord(delimiter)
		if err == io.EOF {
			break
		}
		trimmed := strings.TrimSpace(text)
		switch {
		case err != nil, trimmed == "", namedDelimiter(text) != "":
			continue
		case trimmed[0] == '#':
			if len(c.rows) == 0 {
				comments = append(comments, comment{line, strings.TrimSpace(strings.TrimLeft(trimmed, "#"))})
			}
			continue
		}
		c.rows, starts = append(c.rows, cellsOf(text, delimiter)), append(starts, line)
	}
	if len(c.rows) == 0 {
		return nil
	}
	c.skip = starts[0] - 1
	best := -1
	for i, cells := range c.rows[:min(len(c.rows), maxTitles)] {
		if best >= 0 && slices.ContainsFunc(cells, isObservable) {
			break // the rows of the header above
		}
		names, known := c.nameColumns(cells)
		if names == nil || i > 0 && (len(cells) < 2 || known < 2) || best >= 0 && known <= c.known {
			continue
		}
		best, c.names, c.known = i, names, known
	}
	if best >= 0 {
		c.rows = c.rows[best+1:]
		c.header, c.skip = starts[best], starts[best]
		if len(c.names) == 1 {
			c.delimiter = 0
		}
		return c
	}
	for _, comment := range slices.Backward(comments) {
		cells := cellsOf(comment.text, delimiter)
		if strings.EqualFold(cells[0], "fields") { // "#fields", as Zeek writes it
			cells = cells[1:]
		}
		if len(cells) < 2 || len(cells) != len(c.rows[0]) {
			continue
		}
		if names, known := c.nameColumns(cells); names != nil {
			c.header, c.names, c.known = comment.line, names, known
			return c
		}
	}
	c.names = make([]column, len(c.rows[0]))
	return c
}

// nameColumns returns the columns that cells name, and how many of the names are known.
// It returns nil if the cells are data.
func (c *csvFile) nameColumns(cells []string) (names []column, known int) {
	names = make([]column, len(cells))
	anchors := 0
	for i, cell := range cells {
		var isKnown bool
		if names[i], isKnown = columnNamed(cell); !isKnown && isData(cell) {
			return nil, 0
		}
		isChosen := slices.ContainsFunc(c.choices, func(choice ColumnChoice) bool { return strings.EqualFold(choice.Column, names[i].name) })
		switch role := names[i].role; {
		case isChosen, role == valueRole, role == typeRole, role == firstRole:
			anchors++
			known++
		case role != unknownRole:
			known++
		}
	}
	if anchors == 0 && (len(cells) < 2 || known == 0 && !c.contrasts(cells)) {
		return nil, 0
	}
	return names, known
}

// isObservable reports whether a cell is one or several observables.
func isObservable(cell string) bool {
	_, err := readCell("", cell)
	return err == nil
}

// isData reports whether a cell is a value, a date or a number rather than a name.
func isData(cell string) bool {
	cell = strings.TrimSpace(cell)
	if len(cell) > 60 || cell != "" && strings.Trim(cell, "0123456789.-+") == "" || isDate(cell) || strings.Contains(cell, "://") || strings.Contains(cell, "[.]") {
		return true
	}
	_, err := readCell("", cell)
	return err == nil
}

// contrasts reports whether the rows after the first have values in a column in which
// the first has a word.
func (c *csvFile) contrasts(cells []string) bool {
	if len(c.rows) < 2 || len(c.rows[0]) != len(cells) {
		return false
	}
	for i, cell := range cells {
		var s column
		if s.setSample(i, c.rows[1:]); strings.TrimSpace(cell) != "" && s.values >= most {
			return true
		}
	}
	return false
}

// isTable reports whether the rows are as wide as the header, or as each other.
func (c *csvFile) isTable() bool {
	fitting := share(c.rows, func(cells []string) bool { return fits(cells, len(c.names)) })
	if c.header > 0 {
		return c.delimiter == 0 || fitting >= 0.5 || len(c.rows) == 0
	}
	return len(c.names) > 1 && fitting >= 0.9
}

// fits reports whether a row has about width cells. Blank cells at its end may be
// missing or extra.
func fits(cells []string, width int) bool {
	for len(cells) > width && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return len(cells) == width || len(cells) < width && len(cells) > 1 && 2*len(cells) >= width
}

func cellsOf(text string, delimiter byte) []string {
	cells, _ := splitFields(text, delimiter)
	return cells
}

// describe returns the header and the first row, for a message about ambiguous columns.
func (c *csvFile) describe() string {
	var parts []string
	if c.header > 0 {
		var names []string
		for _, column := range c.names {
			names = append(names, column.name)
		}
		parts = append(parts, fmt.Sprintf("header %q", shown(strings.Join(names, ", "))))
	}
	if len(c.rows) > 0 {
		parts = append(parts, fmt.Sprintf("first row %q", shown(strings.Join(c.rows[0], ", "))))
	}
	return strings.Join(parts, ", ")
}

// readCSV reads the rows of a table.
func (f *file) readCSV(c *csvFile, t table) error {
	in := lines{buffer: f.buffer}
	for range c.skip {
		if _, err := in.next(); err != nil && !errors.Is(err, errLongLine) {
			f.readErr = err
			return err
		}
	}
	return f.eachRecord(&in, c.delimiter, func(line int, text string) error { return f.csvRow(c, t, line, text) })
}

// eachRecord calls use for each line of a file, or for each record of a table with this
// delimiter: see csvRecord. Lines that can't be read are skipped.
func (f *file) eachRecord(in *lines, delimiter byte, use func(line int, text string) error) error {
	for {
		text, line, err := in.csvRecord(delimiter)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errLongLine), errors.Is(err, errOpenQuote):
			err = f.skip(line, text, err.Error())
		case err != nil:
			f.readErr = err
		default:
			err = use(line, text)
		}
		if err != nil {
			return err
		}
	}
}

// csvRow reads one row.
func (f *file) csvRow(c *csvFile, t table, line int, text string) error {
	if trimmed := strings.TrimSpace(text); trimmed == "" || trimmed[0] == '#' {
		return nil
	}
	cells := cellsOf(text, c.delimiter)
	width := len(t)
	if len(cells) > width && !fits(cells, width) {
		// An unquoted delimiter in a note in the last column is part of the note.
		switch t[width-1].role {
		case descriptionRole, titleRole, noteRole, tagsRole, unknownRole, ignoredRole, referenceRole:
			last := strings.Join(cells[width-1:], string(c.delimiter))
			cells = append(cells[:width-1], last)
		default:
			return f.skip(line, text, fmt.Sprintf("more cells than columns (a cell with %q in it needs quotes)", c.delimiter))
		}
	}
	return f.addRow(t, line, cells)
}

// errOpenQuote reports that a quoted field isn't closed.
var errOpenQuote = errors.New("a quote is opened, but not closed within 64 KB")

// csvRecord returns a record: a line, or several if a quoted field spans them. If a quote
// isn't closed, only the line with the quote is lost. The next call returns the line
// after it.
func (l *lines) csvRecord(delimiter byte) (text string, line int, err error) {
	first, err := l.next()
	text, line = string(first), l.number
	if err != nil || delimiter == 0 {
		return text, line, err
	}
	if _, open := splitFields(text, delimiter); !open {
		return text, line, nil
	}
	more, _ := l.buffer.Peek(maxLine) // the next read returns the error
	if len(more) == maxLine {
		more = more[:bytes.LastIndexByte(more, '\n')+1]
	}
	size := 0
	for next := range bytes.Lines(more) {
		size += len(next)
		// Only the new line is parsed. It begins inside quotes.
		if _, open := splitFields("\"\n"+string(next), delimiter); !open {
			text += "\n" + strings.TrimRight(strings.ReplaceAll(string(more[:size]), "\r\n", "\n"), "\n")
			l.number += bytes.Count(more[:size-1], []byte("\n")) + 1
			_, err = l.buffer.Discard(size)
			return text, line, err
		}
	}
	return text, line, errOpenQuote
}

// splitFields splits a record, and reports whether a quoted field is still open at its
// end. Delimiter 0 leaves it whole. A quote counts only at the start of a field. Text
// between a closing quote and the delimiter is kept.
func splitFields(text string, delimiter byte) (fields []string, open bool) {
	if delimiter == 0 {
		return []string{strings.Trim(strings.TrimSpace(text), `"`)}, false
	}
	for {
		start := strings.TrimLeft(text, " ")
		if strings.HasPrefix(start, `="`) { // a spreadsheet's formula for a text
			start = start[1:]
		}
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
