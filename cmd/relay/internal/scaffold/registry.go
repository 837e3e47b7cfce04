package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// registry is the file that lists the providers.
const registry = "providers/providers.go"

// source is a Go file that is being looked at.
type source struct {
	text   []byte
	set    *token.FileSet
	parsed *ast.File
}

func parse(text []byte) (source, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "", text, parser.ParseComments|parser.SkipObjectResolution)
	return source{text, set, parsed}, err
}

func (s source) offset(at token.Pos) int { return s.set.Position(at).Offset }

// lines are the offsets between which a node's lines lie, the comment at the end
// of the last one included.
func (s source) lines(n ast.Node) (from, to int) {
	from, to = s.offset(n.Pos()), s.offset(n.End())
	from = strings.LastIndexByte(string(s.text[:from]), '\n') + 1
	if end := strings.IndexByte(string(s.text[to:]), '\n'); end >= 0 {
		return from, to + end + 1
	}
	return from, len(s.text)
}

// without is the text without the lines of some nodes.
func (s source) without(nodes ...ast.Node) []byte {
	slices.SortFunc(nodes, func(a, b ast.Node) int { return cmp.Compare(b.Pos(), a.Pos()) })
	text := slices.Clone(s.text)
	for _, n := range nodes {
		from, to := s.lines(n)
		text = slices.Delete(text, from, to)
	}
	return text
}

// entries are those of the map that the function all returns.
func (s source) entries() (*ast.CompositeLit, error) {
	for _, d := range s.parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "all" || f.Body == nil || len(f.Body.List) != 1 {
			continue
		}
		if r, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
			if entries, ok := r.Results[0].(*ast.CompositeLit); ok {
				return entries, nil
			}
		}
	}
	return nil, errors.New("it has no function all any more that returns a map of the providers")
}

// key is the name that an entry has.
func key(entry ast.Expr) string {
	if pair, ok := entry.(*ast.KeyValueExpr); ok {
		if literal, ok := pair.Key.(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(literal.Value) // empty for what isn't text
			return name
		}
	}
	return ""
}

// register adds a provider's line to the registry.
func register(text []byte, module, name string) ([]byte, error) {
	line := fmt.Sprintf("\t\t%q: func() (relay.Provider, error) { return %s.FromEnvironment() },\n", name, name)
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	entries, err := s.entries()
	if err != nil {
		return nil, fmt.Errorf("%w. It would get the line\n%s", err, line)
	}
	at := s.offset(entries.Rbrace)
	at = strings.LastIndexByte(string(text[:at]), '\n') + 1
	for _, entry := range entries.Elts {
		if key(entry) > name {
			at, _ = s.lines(entry)
			break
		}
	}
	imported := -1
	for _, spec := range s.parsed.Imports {
		if strings.HasPrefix(importPath(spec), module+"/") {
			imported, _ = s.lines(spec)
			break
		}
	}
	if imported < 0 {
		return nil, errors.New("it imports nothing of this module")
	}
	text = slices.Insert(slices.Clone(text), at, []byte(line)...)
	text = slices.Insert(text, imported, fmt.Appendf(nil, "\t%q\n", module+"/providers/"+name)...)
	return format.Source(text)
}

// unregister takes a provider's line out of the registry.
func unregister(text []byte, name string) ([]byte, error) {
	s, err := parse(text)
	if err != nil {
		return nil, err
	}
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	for _, entry := range entries.Elts {
		if key(entry) == name {
			return s.without(entry), nil
		}
	}
	return text, nil
}

// registryNames are the names that the registry uses: those of its entries, its
// imports and what it declares.
func (t *Tree) registryNames() ([]string, error) {
	text, err := t.read(registry)
	if err != nil {
		return nil, err
	}
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", registry, err)
	}
	var names []string
	if entries, err := s.entries(); err == nil {
		for _, entry := range entries.Elts {
			names = append(names, key(entry))
		}
	}
	for _, spec := range s.parsed.Imports {
		names = append(names, importName(spec))
	}
	for _, d := range s.parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			names = append(names, f.Name.Name)
		}
	}
	return names, nil
}

// importName is the name by which a file uses a package.
func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	path := importPath(spec)
	return path[strings.LastIndexByte(path, '/')+1:]
}
