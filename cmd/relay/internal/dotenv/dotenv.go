// Package dotenv reads and changes .env files with lines such as NAME=value. It
// accepts files that sls, with the npm package dotenv, can read in one way only. It
// refuses others, so that a deployment never has another key than `relay jwt`.
//
// Go's libraries for such files differ from sls in quotes and comments, quote secrets
// in errors, and can't change a file and keep its comments.
package dotenv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// File is the text of a .env file. The zero value is an empty file. It prints as
// "[.env file]", because it contains secrets.
type File struct {
	text   string
	values []value
}

// value is the position of a value in the text, with its quotes.
type value struct {
	name       string
	start, end int
}

const (
	byteOrderMark = "\ufeff"
	quotes        = "'\"`"
)

var (
	// skipped is a blank line or a comment.
	skipped = regexp.MustCompile(`^[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|$)`)
	// assignment is a name with its value. A value without quotes ends at the end of
	// the line or at a #. A value in quotes may have several lines.
	assignment = regexp.MustCompile(`^[ \t]*(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=|:[ \t])[ \t]*(` +
		`[^\s\v\p{Z}\x{feff}#'"` + "`" + `](?:[^#\r\n]*[^#\s])?|` +
		`'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|` + "`(?:[^`\\\\]|\\\\[\\s\\S])*`" +
		`|)[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|$)`)
	// plain is a value that sls, shells and containers read in the same way, or a list
	// of such values. Without spaces it needs no quotes.
	plain = regexp.MustCompile(`^(?:[A-Za-z0-9._+/=-]| *, *)*$`)
)

// Parse parses a file. The error names the first line that has no meaning, or could
// have two, and doesn't quote it.
func Parse(text string) (File, error) {
	f := File{text: text}
	for at := len(text) - len(strings.TrimPrefix(text, byteOrderMark)); at < len(text); {
		rest := text[at:]
		if line := skipped.FindString(rest); line != "" {
			at += len(line)
			continue
		}
		found := assignment.FindStringSubmatchIndex(rest)
		if found == nil || isDoubtful(rest[found[4]:found[5]]) {
			return File{}, fmt.Errorf("line %d is not NAME=value", 1+strings.Count(text[:at], "\n"))
		}
		f.values = append(f.values, value{rest[found[2]:found[3]], at + found[4], at + found[5]})
		at += found[1]
	}
	return f, nil
}

// isDoubtful reports whether the last quote of a value may be part of it: the npm
// package takes the second of two backslashes for an escape too.
func isDoubtful(value string) bool {
	n := len(value)
	return n > 1 && strings.ContainsRune(quotes, rune(value[0])) && value[n-2] == '\\'
}

// Get returns the last value of a name. It is empty if the file doesn't contain the
// name. A value with other characters than letters, digits, ._+/=- and commas, which
// may have spaces around them, is an error, which doesn't quote it.
func (f File) Get(name string) (string, error) {
	found := ""
	for _, v := range f.values {
		if v.name == name {
			found = f.text[v.start:v.end]
		}
	}
	if n := len(found); n > 1 && strings.ContainsRune(quotes, rune(found[0])) {
		found = found[1 : n-1]
	}
	if !plain.MatchString(found) {
		return "", notPlain(name)
	}
	return found, nil
}

// Set returns the file with another value for a name, in place of all its values or
// else in a new line at the end. Everything else stays. A value that Get couldn't
// return is an error, which doesn't quote it.
func (f File) Set(name, to string) (File, error) {
	if !plain.MatchString(to) {
		return File{}, notPlain(name)
	}
	var text strings.Builder
	at := 0
	for _, v := range f.values {
		if v.name == name {
			text.WriteString(f.text[at:v.start] + to)
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
	return fmt.Errorf("the value of %s has other characters than letters, digits and ._+/=,-", name)
}

// Format keeps the values out of every fmt verb.
func (File) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[.env file]") }

// Read reads a file. If it doesn't exist, the error wraps fs.ErrNotExist.
func Read(path string) (File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	f, err := Parse(string(text))
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Write writes the file, whole or not at all. Only its owner may read it afterwards.
// It stays read-only if it was. If path is a symbolic link, its target is written.
func (f File) Write(path string) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o600)
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	case err == nil:
		mode &= info.Mode()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	// The name begins like the file's, so that git ignores it too.
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	_, err = temporary.WriteString(f.text)
	if err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
