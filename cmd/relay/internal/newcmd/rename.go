package newcmd

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// rename changes the path of the Go module in the folder root: in go.mod, and in the
// imports of all Go files. Ids made from the former path stay, and so do links to the
// original project.
func rename(root, to string) error {
	if err := module.CheckPath(to); err != nil {
		return fmt.Errorf("--module: %w", err)
	}
	path := filepath.Join(root, "go.mod")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	from := modfile.ModulePath(text)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		return renameImports(path, from, to)
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.Replace(text, []byte("module "+from), []byte("module "+to), 1), 0o644)
}

// renameImports replaces imports of one module by those of another in a Go file.
func renameImports(path, from, to string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.ImportsOnly)
	if err != nil {
		return err
	}
	renamed := false
	for _, spec := range slices.Backward(file.Imports) { // keeps the offsets before it
		imported, _ := strconv.Unquote(spec.Path.Value) // parsed, so it is quoted
		if below, ok := strings.CutPrefix(imported+"/", from+"/"); ok {
			at := files.Position(spec.Path.Pos()).Offset
			text = slices.Replace(text, at, at+len(spec.Path.Value), []byte(strconv.Quote(strings.TrimSuffix(to+"/"+below, "/")))...)
			renamed = true
		}
	}
	if !renamed {
		return nil
	}
	if text, err = format.Source(text); err != nil { // it sorts imports
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
