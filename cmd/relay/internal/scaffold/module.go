package scaffold

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/module"
)

// Rename gives the project another Go module path, for a fork: in go.mod, in
// imports, and wherever else the path stands for the module. URLs that lead to
// the project that this one was made from, and ids that are made of them, stay.
func (t *Tree) Rename(to string) error {
	from := t.module
	if err := module.CheckPath(to); err != nil {
		return fmt.Errorf("--module: %w", err)
	}
	if to == from {
		return fmt.Errorf("the module is %s already", to)
	}
	files := 0
	for _, path := range t.texts() {
		if err := t.edit(path, func(text []byte) ([]byte, error) {
			renamed, n := replaceModule(string(text), from, to)
			if n == 0 || !utf8.Valid(text) {
				return text, nil
			}
			files++
			if isGo(path) {
				return format.Source([]byte(renamed)) // it sorts imports too
			}
			return []byte(renamed), nil
		}); err != nil {
			return err
		}
	}
	t.module = to
	t.note("The module %s is %s now, in %d files. URLs of the former stay: they lead to where this comes from.", from, to, files)
	return nil
}

// replaceModule replaces a module's path where it stands by itself or begins an
// import path, and not where it is part of a URL or of another path.
func replaceModule(text, from, to string) (replaced string, n int) {
	var b strings.Builder
	done := 0
	for {
		at := strings.Index(text[done:], from)
		if at < 0 {
			b.WriteString(text[done:])
			return b.String(), n
		}
		at += done
		b.WriteString(text[done:at])
		done = at + len(from)
		if endsPath(text[:at]) || startsPath(text[done:]) {
			b.WriteString(from)
		} else {
			b.WriteString(to)
			n++
		}
	}
}

// endsPath says whether a path or a URL goes on behind the text.
func endsPath(text string) bool {
	if text == "" {
		return false
	}
	last := text[len(text)-1]
	return isWord(last) || strings.IndexByte("/.-@", last) >= 0
}

// startsPath says whether the text goes on with the name that stood before it.
func startsPath(text string) bool {
	if text == "" {
		return false
	}
	if text[0] == '.' { // the end of a sentence, or of a name
		return len(text) > 1 && isWord(text[1])
	}
	return isWord(text[0]) || text[0] == '-'
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// checkImports finds Go files that import this project's folders by another
// module path than that of go.mod.
func (t *Tree) checkImports() error {
	for _, path := range t.texts() {
		if !isGo(path) {
			continue
		}
		imports, err := t.imports(path)
		if err != nil {
			return err
		}
		for _, imported := range imports {
			if other := t.otherModule(imported); other != "" {
				return fmt.Errorf("go.mod says that the module is %s, but %s imports %s: it was renamed halfway. Put %s into go.mod, and let --module rename it",
					t.module, path, imported, other)
			}
		}
	}
	return nil
}

// otherModule is the module by whose path a folder of this project is imported,
// empty where that is not so.
func (t *Tree) otherModule(imported string) string {
	if imported == t.module || strings.HasPrefix(imported, t.module+"/") {
		return ""
	}
	for _, folder := range []string{"/shared/", "/providers/", "/cmd/relay/"} {
		if at := strings.Index(imported, folder); at > 0 && len(t.below(imported[at+1:])) > 0 {
			return imported[:at]
		}
	}
	return ""
}

// imports are the paths that a Go file imports.
func (t *Tree) imports(path string) ([]string, error) {
	text, err := t.read(path)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, spec := range parsed.Imports {
		all = append(all, importPath(spec))
	}
	return all, nil
}

func importPath(spec *ast.ImportSpec) string {
	path, _ := strconv.Unquote(spec.Path.Value) // what was parsed is quoted
	return path
}
