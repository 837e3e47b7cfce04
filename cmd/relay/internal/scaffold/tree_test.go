package scaffold

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// thisProject is the one that the tests are part of. It is looked at, and not
// changed.
func thisProject(t *testing.T) *Tree {
	t.Helper()
	tree, err := Load(".")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// newProject writes files into a folder of the test's own.
func newProject(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	root := t.TempDir()
	all := map[string]string{"go.mod": "module example.com/old\n\ngo 1.26\n", moduleSettings: `{"name":"One","provider":"one","jwt":{}}`}
	maps.Copy(all, files)
	for path, text := range all {
		name := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// onDisk is what a project's folder holds, with the modes of its files.
func onDisk(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		below, _ := filepath.Rel(root, name)
		all[filepath.ToSlash(below)] = info.Mode().String() + " " + string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func replace(text string) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return []byte(text), nil }
}

func TestApply(t *testing.T) {
	tree := newProject(t, map[string]string{"a.txt": "old", "same.txt": "same", "gone/deep/b.txt": "b", "half/gone.txt": "x", "half/stays.txt": "y"})
	if err := os.Chmod(filepath.Join(tree.root, "a.txt"), 0o755); err != nil {
		t.Fatal(err)
	}
	tree, err := Load(tree.root)
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"a.txt": "new", "same.txt": "same"} {
		if err := tree.edit(path, replace(text)); err != nil {
			t.Fatal(err)
		}
	}
	tree.add("here/now/c.txt", []byte("c"))
	tree.remove("gone/deep/b.txt")
	tree.remove("half/gone.txt")
	want := []Change{{"a.txt", Changed}, {"gone/deep/b.txt", Removed}, {"half/gone.txt", Removed}, {"here/now/c.txt", Added}}
	if diff := cmp.Diff(want, tree.Changes()); diff != "" {
		t.Error(diff)
	}
	if before := onDisk(t, tree.root); before["a.txt"] != "-rwxr-xr-x old" {
		t.Errorf("changed before it was told to: %v", before)
	}
	if err := tree.Apply(); err != nil {
		t.Fatal(err)
	}
	got := onDisk(t, tree.root)
	if got["a.txt"] != "-rwxr-xr-x new" || got["here/now/c.txt"] != "-rw-r--r-- c" || len(got) != 6 {
		t.Errorf("got %v", got)
	}
	for _, folder := range []string{"gone", "half"} {
		if _, err := os.Stat(filepath.Join(tree.root, folder)); (err == nil) != (folder == "half") {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// Whatever fails, and wherever: the files are as they were.
func TestApplyIsAllOrNothing(t *testing.T) {
	for name, obstacle := range map[string]func(root string) error{
		"a file in the way of a folder": func(root string) error { return os.WriteFile(filepath.Join(root, "here"), nil, 0o600) },
		"a file in the way of a file": func(root string) error {
			return os.Mkdir(filepath.Join(root, "here"), 0o755)
		},
		"a file that is gone": func(root string) error { return os.Remove(filepath.Join(root, "z.txt")) },
	} {
		t.Run(name, func(t *testing.T) {
			tree := newProject(t, map[string]string{"a.txt": "old", "b/b.txt": "b", "z.txt": "old"})
			if err := tree.edit("a.txt", replace("new")); err != nil {
				t.Fatal(err)
			}
			if err := tree.edit("z.txt", replace("new")); err != nil {
				t.Fatal(err)
			}
			tree.remove("b/b.txt")
			tree.add("here/c.txt", []byte("c"))
			if err := obstacle(tree.root); err != nil {
				t.Fatal(err)
			}
			if name == "a file in the way of a file" {
				if err := os.WriteFile(filepath.Join(tree.root, "here", "c.txt"), []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := onDisk(t, tree.root)
			err := tree.Apply()
			if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(before, onDisk(t, tree.root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	elsewhere := t.TempDir()
	if _, err := Load(elsewhere); err == nil || !strings.Contains(err.Error(), "change to the project's folder") {
		t.Errorf("elsewhere: %v", err)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a change that was cut off": {map[string]string{stagingPrefix + "1/old/a.txt": "a"}, "an earlier `relay new` was cut off"},
		"no module":                 {map[string]string{"go.mod": "go 1.26\n"}, "names no module"},
		"a module renamed halfway":  {map[string]string{"main.go": "package main\n\nimport _ \"example.com/before/shared/x\"\n", "shared/x/x.go": "package x\n"}, "it was renamed halfway. Put example.com/before into go.mod"},
		"code that isn't":           {map[string]string{"main.go": "no package"}, "main.go:1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			root := newProject(t, nil).root
			for path, text := range test.files {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Load(root); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// What isn't the project's own is neither read nor changed.
func TestLoadLeavesAlone(t *testing.T) {
	tree := newProject(t, map[string]string{".git/config": "x", "node_modules/a/a.go": "no package", ".build/a": "x", "testdata/a.go": "no package", "a/.DS_Store": "x"})
	if err := os.Symlink(tree.root, filepath.Join(tree.root, "link")); err != nil {
		t.Skip(err)
	}
	tree, err := Load(tree.root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"go.mod", moduleSettings, "testdata/a.go"}, tree.paths()); diff != "" {
		t.Error(diff)
	}
}

func TestClean(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	tree := newProject(t, map[string]string{"a/a.txt": "a", "b/b.txt": "b", ".gitignore": "*.db\n"})
	if err := tree.Clean(); err != nil {
		t.Errorf("without git: %v", err)
	}
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", tree.root, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(tree.root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(want string, paths ...string) {
		t.Helper()
		err := tree.Clean(paths...)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), ": "+want)) {
			t.Errorf("%v: got %v, want %q", paths, err, want)
		}
	}
	git("init", "-q")
	git("add", "-A")
	git("commit", "-qm", "all")
	wants("")
	write("a/a.txt", "changed")
	wants("a/a.txt")
	wants("a/a.txt", "a")
	wants("", "b")
	git("commit", "-qam", "more")
	write("b/store.db", "ignored, and not to be had back")
	wants("")
	wants("b/store.db", "b")
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		write(name, "new")
	}
	wants("1, 2, 3, 4, 5, 2 more")
}

func TestPathsAreSorted(t *testing.T) {
	if paths := thisProject(t).paths(); len(paths) < 100 || !slices.IsSorted(paths) {
		t.Errorf("got %v", paths)
	}
}
