package scaffold

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// readme is the file that has a table of the providers and one of the settings.
const readme = "README.md"

// The marks around the table of providers.
const (
	tableBegins = "<!-- providers, made by `go generate ./...` -->\n"
	tableEnds   = "<!-- end of providers -->\n"
)

const tableHead = "| provider | answers | credentials | observable types |\n| --- | --- | --- | --- |\n"

// Table is the table of providers as it stands in the README.
func Table(providers []relay.Declaration) string {
	var b strings.Builder
	b.WriteString(tableHead)
	for _, d := range providers {
		b.WriteString(row(d))
	}
	return b.String()
}

// row is a provider's line in the table.
func row(d relay.Declaration) string {
	cells := []string{code([]string{d.Name}), words(d.Capabilities()), code(d.CredentialNames()), code(d.ObservableTypes)}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// List is what providers declare, for people at a terminal.
func List(providers []relay.Declaration) string {
	var b strings.Builder
	for _, d := range providers {
		fmt.Fprintf(&b, "%s (%s)\n", d.Name, d.Title)
		fmt.Fprintf(&b, "  answers      %s\n", words(d.Capabilities()))
		fmt.Fprintf(&b, "  credentials  %s\n", words(d.CredentialNames()))
		fmt.Fprintf(&b, "  types        %s\n", words(d.ObservableTypes))
	}
	return b.String()
}

// code are names as a table has them.
func code[S ~string](names []S) string {
	if len(names) == 0 {
		return words(names)
	}
	return "`" + strings.ReplaceAll(words(names), ", ", "`, `") + "`"
}

// words are names in a sentence.
func words[S ~string](all []S) string {
	if len(all) == 0 {
		return "none"
	}
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

// UpdateReadme writes the table of providers into the README.
func (t *Tree) UpdateReadme(providers []relay.Declaration) error {
	return t.edit(readme, func(text []byte) ([]byte, error) {
		before, table, after, err := cutTable(string(text))
		if err != nil || table == Table(providers) {
			return text, err
		}
		return []byte(before + Table(providers) + after), nil
	})
}

// addRow adds a provider's line to the table.
func addRow(text string, d relay.Declaration) (string, error) {
	before, table, after, err := cutTable(text)
	if err != nil {
		return "", err
	}
	at := len(table)
	offset := 0
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "| `") && line > row(d) {
			at = offset
			break
		}
		offset += len(line)
	}
	return before + table[:at] + row(d) + table[at:] + after, nil
}

// cutTable finds the table of providers.
func cutTable(text string) (before, table, after string, err error) {
	before, rest, found := strings.Cut(text, tableBegins)
	table, after, foundEnd := strings.Cut(rest, tableEnds)
	if !found || !foundEnd {
		return "", "", "", errors.New("it has no table of providers any more, between " + strings.TrimSpace(tableBegins) + " and " + strings.TrimSpace(tableEnds))
	}
	return before + tableBegins, table, tableEnds + after, nil
}

// setting is a setting as the README describes it.
type setting struct{ name, normally, what string }

// addSettings adds lines to the table of settings: below the last one. ok is
// false where there is no such table.
func addSettings(text string, settings []setting) (out string, ok bool) {
	begins := strings.Index(text, "\n| variable | default | what |\n")
	if begins < 0 {
		return text, false
	}
	at := begins + 1
	for line := range strings.Lines(text[at:]) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		at += len(line)
	}
	var lines strings.Builder
	for _, s := range settings {
		lines.WriteString("| `" + s.name + "` | `" + s.normally + "` | " + s.what + " |\n")
	}
	return text[:at] + lines.String() + text[at:], true
}

// withoutRows is a Markdown text without the lines of tables that are about a
// provider or its settings.
func withoutRows(text, name string) string {
	return regexp.MustCompile("(?m)^\\| `(?:"+name+"|"+envPrefix(name)+"[A-Z0-9_]+)` \\|.*\n").ReplaceAllString(text, "")
}
