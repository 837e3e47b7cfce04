package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// Remove takes a provider out: its folder and its other files, its line in the
// registry, its row in the README, its settings, and the lines that are marked
// as its own. It can't be the one that is deployed.
func (t *Tree) Remove(name string) error {
	if err := t.checkThere(name); err != nil {
		return err
	}
	deployed, err := project.ReadModule(t.root)
	if err != nil {
		return err
	}
	if deployed.Provider == name {
		others := slices.DeleteFunc(t.providers(), func(other string) bool { return other == name })
		if len(others) == 0 {
			return fmt.Errorf("%s is the only provider. Make another one first: relay new NAME", name)
		}
		return fmt.Errorf("%s says that %s is deployed. Choose another one first: relay providers --use NAME (%s)",
			moduleSettings, name, strings.Join(others, ", "))
	}
	gone := append(t.below("providers/"+name), t.ownFiles(name)...)
	if err := t.Clean(append(t.ownFiles(name), "providers/"+name)...); err != nil {
		return err
	}
	for _, path := range gone {
		t.remove(path)
	}
	if err := t.edit(registry, func(text []byte) ([]byte, error) { return unregister(text, name) }); err != nil {
		return err
	}
	for _, path := range t.texts() {
		if err := t.edit(path, func(text []byte) ([]byte, error) { return t.cleanse(path, text, name) }); err != nil {
			return err
		}
	}
	t.note("`go mod tidy` takes out of go.mod what nothing else needs.")
	return t.noteMentions(name)
}

// cleanse takes out of a file what belongs to a provider.
func (t *Tree) cleanse(path string, text []byte, name string) ([]byte, error) {
	if !utf8.Valid(text) {
		return text, nil
	}
	if isGo(path) && !bytes.Contains(text, []byte("providers/"+name)) {
		return text, nil
	}
	out, err := withoutMarked(string(text), name)
	if err != nil {
		return nil, err
	}
	switch {
	case isGo(path):
		return t.withoutImports([]byte(out), name)
	case strings.HasSuffix(path, ".md"):
		out = withoutRows(out, name)
	}
	return []byte(out), nil
}

// withoutMarked is a text without the lines that are marked as a provider's own.
func withoutMarked(text, name string) (string, error) {
	mark := regexp.MustCompile(`(?://|#|<!--) with providers/` + name + `(, from here|, to here)?(?: -->)?\s*$`)
	var b strings.Builder
	from := 0 // the line of the mark "from here" that is open
	n := 0
	for line := range strings.Lines(text) {
		n++
		found := mark.FindStringSubmatch(line)
		switch {
		case found == nil:
			if from == 0 {
				b.WriteString(line)
			}
		case found[1] == ", from here" && from > 0, found[1] == ", to here" && from == 0:
			return "", fmt.Errorf("line %d: a mark that has no other one: %s", n, strings.TrimSpace(line))
		case found[1] == ", from here":
			from = n
		case found[1] == ", to here":
			from = 0
		}
	}
	if from > 0 {
		return "", fmt.Errorf("line %d: a mark that has no other one", from)
	}
	return b.String(), nil
}

// withoutImports is a Go file without the imports of a provider's packages. A
// use of them that is left is an error.
func (t *Tree) withoutImports(text []byte, name string) ([]byte, error) {
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	folder := t.module + "/providers/" + name
	var gone []ast.Node
	names := map[string]bool{}
	for _, spec := range s.parsed.Imports {
		if path := importPath(spec); path == folder || strings.HasPrefix(path, folder+"/") {
			gone = append(gone, spec)
			names[importName(spec)] = true
		}
	}
	var used error
	ast.Inspect(s.parsed, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && names[x.Name] {
				used = errors.Join(used, fmt.Errorf("line %d uses %s.%s: mark it with // with providers/%s, or move it into a file %s_*.go",
					s.set.Position(n.Pos()).Line, x.Name, selector.Sel.Name, name, name))
			}
		}
		return true
	})
	if used != nil {
		return nil, used
	}
	return format.Source(s.without(gone...))
}

// noteMentions says where a provider's name is left in texts.
func (t *Tree) noteMentions(name string) error {
	mention := regexp.MustCompile(`(?i)\b` + name + `\b`)
	for _, path := range t.texts() {
		if !regexp.MustCompile(`\.(md|ya?ml|m?js|json)$`).MatchString(path) || strings.HasSuffix(path, "-lock.json") {
			continue
		}
		text, err := t.read(path)
		if err != nil {
			return err
		}
		var lines []string
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if mention.MatchString(line) {
				lines = append(lines, fmt.Sprint(n))
			}
		}
		if len(lines) > 0 {
			t.note("Left to you: %s still speaks of it in line %s", path, strings.Join(lines, ", "))
		}
	}
	return nil
}
