// Package dotenv reads and changes .env files: NAME=value, a line each. It
// understands what sls and the npm package dotenv read without doubt, and
// refuses the rest, so that nobody reads another value than was written.
package dotenv

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// File is the text of a .env file. The zero value is an empty one. It prints as
// "[.env file]", because it holds secrets.
type File struct {
	text   string
	values []value
}

// value is where the value of a name stands in the text, with its quotes.
type value struct {
	name       string
	start, end int
}

const byteOrderMark = "\ufeff"

var (
	// skipped is a line that says nothing.
	skipped = regexp.MustCompile(`^[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|$)`)
	// assignment is a name with its value: a plain one to the end of the line or
	// to a #, or one in quotes, which may go over several lines.
	assignment = regexp.MustCompile(`^[ \t]*(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=|:[ \t])[ \t]*(` +
		`[^\s\v\p{Z}\x{feff}#'"` + "`" + `](?:[^#\r\n]*[^#\s])?|` +
		`'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|` + "`(?:[^`\\\\]|\\\\[\\s\\S])*`" +
		`|)[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|$)`)
	// plain is a value that needs no quotes and means the same to everybody who
	// reads it: sls, a shell, a container.
	plain = regexp.MustCompile(`^[A-Za-z0-9._+/=-]*$`)
)

// Parse reads a file. The error names a line that could be read in two ways or
// in none, and repeats nothing of it.
func Parse(text string) (File, error) {
	f := File{text: text}
	for at := len(text) - len(strings.TrimPrefix(text, byteOrderMark)); at < len(text); {
		rest := text[at:]
		if line := skipped.FindString(rest); line != "" {
			at += len(line)
			continue
		}
		found := assignment.FindStringSubmatchIndex(rest)
		if found == nil || endsInDoubt(rest[found[4]:found[5]]) {
			return File{}, fmt.Errorf("line %d is not NAME=value", 1+strings.Count(text[:at], "\n"))
		}
		f.values = append(f.values, value{rest[found[2]:found[3]], at + found[4], at + found[5]})
		at += found[1]
	}
	return f, nil
}

// endsInDoubt says whether the quote at the end of a value could be meant as
// part of it: to dotenv, the second backslash of two escapes a quote too.
func endsInDoubt(value string) bool {
	n := len(value)
	return n > 1 && strings.ContainsRune("'\"`", rune(value[0])) && value[n-2] == '\\'
}

// Get gives the value of a name. It is empty where the name isn't there. Where
// the name is there more than once, the last counts. A value with other
// characters than letters, digits and ._+/=- is an error that doesn't repeat it.
func (f File) Get(name string) (string, error) {
	found := ""
	for _, v := range f.values {
		if v.name == name {
			found = f.text[v.start:v.end]
		}
	}
	if n := len(found); n > 1 && strings.ContainsRune("'\"`", rune(found[0])) {
		found = found[1 : n-1]
	}
	if !plain.MatchString(found) {
		return "", notPlain(name)
	}
	return found, nil
}

// Set gives the file with another value for a name: in its place, wherever it
// stands, or in a line of its own at the end. All else stays as it is. A value
// that Get could not give back is an error that doesn't repeat it.
func (f File) Set(name, to string) (File, error) {
	if !plain.MatchString(to) {
		return File{}, notPlain(name)
	}
	var text strings.Builder
	at := 0
	for _, v := range f.values {
		if v.name == name {
			text.WriteString(f.text[at:v.start])
			text.WriteString(to)
			at = v.end
		}
	}
	text.WriteString(f.text[at:])
	if at == 0 {
		if f.text != "" && !strings.HasSuffix(f.text, "\n") {
			text.WriteByte('\n')
		}
		text.WriteString(name + "=" + to + "\n")
	}
	return Parse(text.String())
}

func notPlain(name string) error {
	return fmt.Errorf("the value of %s has other characters than letters, digits and ._+/=-", name)
}

// Format keeps the values out of every fmt verb.
func (File) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[.env file]") }
