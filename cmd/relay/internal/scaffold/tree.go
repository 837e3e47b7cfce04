package scaffold

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// Tree is the files of a project, with the changes that are to be made to them.
// Paths are below the project's folder, with slashes.
type Tree struct {
	root   string
	module string
	files  map[string]*file
	notes  []string
}

// file is one that there is, or that there will be.
type file struct {
	// mode and size are those of the file as it is, 0 where there is none.
	mode fs.FileMode
	size int64
	// before is what it holds, where that was read, and text what it will hold.
	before, text []byte
	read         bool
	removed      bool
}

// changed says whether the file will hold something else.
func (f *file) changed() bool { return !bytes.Equal(f.before, f.text) }

// Load finds the project that the folder is in and the files that it has. It
// fails where the project is in a state from which it can't be changed as a
// whole: an earlier change was cut off, or the module was renamed halfway.
func Load(folder string) (*Tree, error) {
	root, err := project.Find(folder)
	if err != nil {
		return nil, err
	}
	t := &Tree{root: root, files: map[string]*file{}}
	if err := t.walk(); err != nil {
		return nil, err
	}
	raw, err := t.read("go.mod")
	if err != nil {
		return nil, err
	}
	if t.module = modfile.ModulePath(raw); t.module == "" {
		return nil, fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
	}
	return t, t.checkImports()
}

// foreign are files and folders that hold nothing of the project's own making.
func foreign(name string) bool {
	return slices.Contains([]string{".git", "node_modules", "vendor", ".build", ".serverless", ".idea", ".vscode", ".DS_Store"}, name)
}

// walk finds the files. What isn't a regular file is left alone.
func (t *Tree) walk() error {
	return filepath.WalkDir(t.root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), stagingPrefix):
			return fmt.Errorf("an earlier `relay new` was cut off: move what is in %s to where it was, and delete %s",
				filepath.Join(name, originals), name)
		case d.IsDir() && foreign(d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular() || foreign(d.Name()):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		below, err := filepath.Rel(t.root, name)
		if err != nil {
			return err
		}
		t.files[filepath.ToSlash(below)] = &file{mode: info.Mode().Perm(), size: info.Size()}
		return nil
	})
}

// Root is the project's folder.
func (t *Tree) Root() string { return t.root }

// Notes say what was done that the list of files doesn't, and what is left to
// do.
func (t *Tree) Notes() []string { return t.notes }

func (t *Tree) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// paths are those of all files that there will be, sorted.
func (t *Tree) paths() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.files)), func(path string) bool { return t.files[path].removed })
}

// maxText is the size of the largest file that is taken for a text, in bytes.
// Others, such as a store of indicators, are moved but not looked into.
const maxText = 4 << 20

// texts are the paths of all files that may be texts.
func (t *Tree) texts() []string {
	return slices.DeleteFunc(t.paths(), func(path string) bool { return t.files[path].size > maxText })
}

// has says whether there will be a file.
func (t *Tree) has(path string) bool {
	f, ok := t.files[path]
	return ok && !f.removed
}

// below are the files that there will be in a folder and its folders.
func (t *Tree) below(folder string) []string {
	return slices.DeleteFunc(t.paths(), func(path string) bool { return !strings.HasPrefix(path, folder+"/") })
}

// read is what a file will hold.
func (t *Tree) read(path string) ([]byte, error) {
	f := t.files[path]
	if !t.has(path) {
		return nil, fmt.Errorf("there is no %s", filepath.Join(t.root, filepath.FromSlash(path)))
	}
	if !f.read {
		text, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		f.before, f.text, f.read = text, text, true
	}
	return f.text, nil
}

// add makes a new file.
func (t *Tree) add(path string, text []byte) { t.files[path] = &file{text: text, read: true} }

// edit changes what a file holds.
func (t *Tree) edit(path string, edit func([]byte) ([]byte, error)) error {
	before, err := t.read(path)
	if err != nil {
		return err
	}
	after, err := edit(before)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t.files[path].text = after
	return nil
}

// remove takes a file away.
func (t *Tree) remove(path string) {
	if f := t.files[path]; f.mode == 0 { // there is none yet
		delete(t.files, path)
	} else {
		f.removed = true
	}
}

// exists says whether there is a file or folder now.
func (t *Tree) exists(path string) bool {
	_, err := os.Lstat(filepath.Join(t.root, filepath.FromSlash(path)))
	return err == nil
}

// isGo says whether a file holds Go code that is built.
func isGo(path string) bool {
	return strings.HasSuffix(path, ".go") && !strings.Contains("/"+path, "/testdata/")
}
