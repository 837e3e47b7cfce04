package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/scaffold"
)

// follow does what docs/WriteAProvider.md says, as far as the tests: it runs the
// commands, writes the files and makes the replacements.
func (c copied) follow() {
	c.t.Helper()
	page := read(c.t, filepath.Join(c.folder, "docs", "WriteAProvider.md"))
	page, _, found := strings.Cut(page, "\n## 7.")
	if !found {
		c.t.Fatal("the page has no step 7")
	}
	becomes := regexp.MustCompile("(?:^|\\s)`([^`]+)` becomes\\s+$")
	inFile := regexp.MustCompile("In `([^`]+)`, replace\\s+$")
	file, old, before := "", "", ""
	for i, part := range strings.Split(page, "\n```") {
		if i%2 == 0 { // between two blocks
			switch named := inFile.FindStringSubmatch(part + "\n"); {
			case named != nil:
				file, old = named[1], ""
			case becomes.MatchString(part + "\n"):
				file = becomes.FindStringSubmatch(part + "\n")[1]
			}
			before = part + "\n"
			continue
		}
		language, block, _ := strings.Cut(part, "\n")
		switch {
		case language == "sh":
			for line := range strings.Lines(block) {
				c.shell(strings.TrimSpace(line))
			}
		case becomes.MatchString(before):
			c.write(file, block+"\n")
		case old == "":
			old = block
		default:
			text := read(c.t, filepath.Join(c.folder, filepath.FromSlash(file)))
			if strings.Count(text, old) != 1 {
				c.t.Fatalf("%s has this %d times, not once:\n%s", file, strings.Count(text, old), old)
			}
			c.write(file, strings.Replace(text, old, block, 1))
			old = ""
		}
	}
}

// write writes a file of the copy. The page has the module's path as it is here.
func (c copied) write(file, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, filepath.FromSlash(file)), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// shell runs a line of the page: a command with arguments, of which some are in
// quotes.
func (c copied) shell(line string) {
	c.t.Helper()
	var args []string
	for _, word := range regexp.MustCompile(`(?:[^\s"']|"[^"]*"|'[^']*')+`).FindAllString(line, -1) {
		args = append(args, strings.NewReplacer(`"`, "", `'`, "").Replace(word))
	}
	switch {
	case len(args) > 3 && strings.Join(args[:3], " ") == "go run ./cmd/relay":
		c.relay(args[3:]...)
	case args[0] == "rm":
		for _, name := range args[1:] {
			if err := os.Remove(filepath.Join(c.folder, filepath.FromSlash(name))); err != nil {
				c.t.Error(err)
			}
		}
	default:
		c.do(args...)
	}
}

// filledIn fails where the page leaves a mark.
func (c copied) filledIn() {
	c.t.Helper()
	err := filepath.WalkDir(filepath.Join(c.folder, "providers", "harbour"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(read(c.t, name), scaffold.Mark) {
			c.t.Errorf("%s is not filled in", name)
		}
		return err
	})
	if err != nil {
		c.t.Error(err)
	}
}
