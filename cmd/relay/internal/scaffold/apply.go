package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// While changes are written, there is a folder beside the files with what they
// will be, and then with what they were.
const (
	stagingPrefix = ".relay-new-"
	replacements  = "new"
	originals     = "old"
)

// Kind says what happens to a file.
type Kind string

// What may happen to a file.
const (
	Added   Kind = "add"
	Changed Kind = "change"
	Removed Kind = "remove"
)

// Change is what happens to a file.
type Change struct {
	Path string
	Kind Kind
}

// Changes are those that Apply makes, by folder.
func (t *Tree) Changes() []Change {
	var all []Change
	for name, f := range t.files {
		switch {
		case f.removed:
			all = append(all, Change{name, Removed})
		case f.mode == 0:
			all = append(all, Change{name, Added})
		case f.changed():
			all = append(all, Change{name, Changed})
		}
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(path.Dir(a.Path), path.Dir(b.Path)), cmp.Compare(a.Path, b.Path))
	})
	return all
}

// move is a file that is moved, from one place to another.
type move struct{ from, to string }

// Apply makes the changes. Where one fails, those before it are undone, and the
// files are as they were.
func (t *Tree) Apply() (err error) {
	changes := t.Changes()
	if len(changes) == 0 {
		return nil
	}
	staging, err := os.MkdirTemp(t.root, stagingPrefix)
	if err != nil {
		return err
	}
	var done []move
	defer func() {
		if err != nil {
			err = fmt.Errorf("nothing was changed: %w", err)
			if failed := undo(done); failed != nil {
				err = fmt.Errorf("%w, and it could not all be put back: %w. The originals are in %s", err, failed, filepath.Join(staging, originals))
				return
			}
		}
		err = errors.Join(err, os.RemoveAll(staging))
		t.removeEmptyFolders(changes)
	}()
	// For want of room or rights this fails, while nothing has changed yet.
	for _, c := range changes {
		if c.Kind != Removed {
			if err := t.stage(staging, c.Path); err != nil {
				return err
			}
		}
	}
	for _, c := range changes {
		for _, m := range t.moves(staging, c) {
			if err := m.make(); err != nil {
				return err
			}
			done = append(done, m)
		}
	}
	return nil
}

// stage writes what a file will hold.
func (t *Tree) stage(staging, file string) error {
	f := t.files[file]
	mode := f.mode
	if mode == 0 {
		mode = 0o644
	}
	name := filepath.Join(staging, replacements, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, f.text, mode); err != nil || f.mode == 0 {
		return err
	}
	return os.Chmod(name, mode) // whatever the umask is
}

// moves are those that make a change.
func (t *Tree) moves(staging string, c Change) []move {
	name := filepath.FromSlash(c.Path)
	away := move{filepath.Join(t.root, name), filepath.Join(staging, originals, name)}
	here := move{filepath.Join(staging, replacements, name), filepath.Join(t.root, name)}
	switch c.Kind {
	case Added:
		return []move{here}
	case Removed:
		return []move{away}
	default:
		return []move{away, here}
	}
}

func (m move) make() error {
	if err := os.MkdirAll(filepath.Dir(m.to), 0o755); err != nil {
		return err
	}
	if _, err := os.Lstat(m.to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is in the way", m.to)
	}
	return os.Rename(m.from, m.to)
}

// undo moves everything back.
func undo(done []move) error {
	var failed error
	for _, m := range slices.Backward(done) {
		failed = errors.Join(failed, os.Rename(m.to, m.from))
	}
	return failed
}

// removeEmptyFolders removes the folders of the changed files that hold nothing
// any more.
func (t *Tree) removeEmptyFolders(changes []Change) {
	for _, c := range slices.Backward(changes) {
		for folder := filepath.Dir(filepath.FromSlash(c.Path)); folder != "."; folder = filepath.Dir(folder) {
			name := filepath.Join(t.root, folder)
			if info, err := os.Lstat(name); err == nil && !info.IsDir() || os.Remove(name) != nil { // there is something in it
				break
			}
		}
	}
}
