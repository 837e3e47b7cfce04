package dotenv

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

func set(t *testing.T, path, name, to string) {
	t.Helper()
	f, err := Read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if f, err = f.Set(name, to); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(path); err != nil {
		t.Fatal(err)
	}
}

func TestWriteLetsNobodyElseRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	for before, after := range map[fs.FileMode]fs.FileMode{0: 0o600, 0o644: 0o600, 0o666: 0o600, 0o600: 0o600, 0o400: 0o400, 0o444: 0o400} {
		path := filepath.Join(t.TempDir(), ".env.dev")
		if before != 0 {
			if err := os.WriteFile(path, []byte("A=b\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, before); err != nil {
				t.Fatal(err)
			}
		}
		set(t, path, "SECRET_KEY", key)
		info, err := os.Stat(path)
		if err != nil || info.Mode() != after {
			t.Errorf("mode %v before: got %v, %v, want %v", before, info.Mode(), err, after)
		}
		if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
			t.Errorf("left over: %v", files)
		}
	}
}

func TestWriteFollowsASymbolicLink(t *testing.T) {
	folder := t.TempDir()
	path, target := filepath.Join(folder, ".env.dev"), filepath.Join(folder, "kept-elsewhere")
	if err := os.WriteFile(target, []byte("A=b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip(err)
	}
	set(t, path, "SECRET_KEY", "x")
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is no link any more: %v, %v", info.Mode(), err)
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "A=b\nSECRET_KEY=x\n" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestWhatIsNoFileIsLeftAlone(t *testing.T) {
	folder := t.TempDir()
	if _, err := Read(folder); err == nil {
		t.Error("a folder was read")
	}
	if err := (File{}).Write(folder); err == nil {
		t.Error("a folder was written")
	}
	if err := (File{}).Write(filepath.Join(folder, "missing", ".env.dev")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if files, _ := os.ReadDir(folder); len(files) != 0 {
		t.Errorf("left over: %v", files)
	}
}

// What sls reads in a file is what this package reads, before and after a value
// was set. It runs sls's own reader, where npm has installed that.
func TestSlsReadsTheSame(t *testing.T) {
	loader, err := filepath.Abs("../../../../node_modules/osls/lib/cli/load-dotenv.js")
	if err != nil {
		t.Fatal(err)
	}
	node, noNode := exec.LookPath("node")
	if _, err := os.Stat(loader); err != nil || noNode != nil {
		t.Skip("needs Node and what npm installs")
	}
	folder := t.TempDir()
	want := map[string]string{}
	for name, test := range readings() {
		for stage, change := range map[string]bool{"before": false, "after": true} {
			f, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			value := test.want
			if change {
				value = key
				if f, err = f.Set("SECRET_KEY", value); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(folder, name, stage)
			if err := os.MkdirAll(path, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := f.Write(filepath.Join(path, ".env.dev")); err != nil {
				t.Fatal(err)
			}
			want[path] = value
		}
	}
	const script = `
const load = require(process.argv[1]);
const read = {};
for (const folder of process.argv.slice(2)) {
  delete process.env.SECRET_KEY;
  process.chdir(folder);
  load('dev');
  read[folder] = process.env.SECRET_KEY ?? '';
}
console.log(JSON.stringify(read));`
	args := []string{"-e", script, loader}
	for path := range want {
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), node, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for path, value := range want {
		if got[path] != value {
			t.Errorf("%s: sls reads %q, want %q", path, got[path], value)
		}
	}
}
