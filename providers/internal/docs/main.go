// Command docs writes the documents that follow from the declarations of the
// providers and their settings: docs/Settings.md, the table of providers in
// README.md, and the head of each providers/NAME/README.md. `go generate ./...`
// runs it in providers/, after registry.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run() error {
	documents, err := generate("..", providers.Declarations())
	if err != nil {
		return err
	}
	for path, text := range documents {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the documents of the project in root by their paths.
func generate(root string, all []relay.Declaration) (map[string]string, error) {
	documents := map[string]string{filepath.Join(root, "docs", "Settings.md"): settings(all)}
	path := filepath.Join(root, "README.md")
	text, err := fill(path, "", overview(all))
	if err != nil {
		return nil, err
	}
	documents[path] = text
	for _, d := range all {
		path := filepath.Join(root, "providers", d.Name, "README.md")
		if documents[path], err = fill(path, "# "+d.Title+"\n\n"+begin+end, head(d)); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// The lines around the part of a document that is generated.
const (
	begin = "<!-- generated -->\n"
	end   = "<!-- end -->\n"
)

// fill returns the document at path with part between the marks. If there is no
// such document, it begins with fresh.
func fill(path, fresh, part string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && fresh != "" {
		text, err = []byte(fresh), nil
	}
	if err != nil {
		return "", err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("%s has no lines %q and %q: add them where the generated part belongs", path, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + part + end + after, nil
}
