package localkey_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/cmd/relay/internal/localkey"
)

func inTempDir(t *testing.T) {
	t.Helper()
	for _, name := range []string{"XDG_DATA_HOME", "HOME", "USERPROFILE"} {
		t.Setenv(name, t.TempDir())
	}
}

func TestTheKeyIsKept(t *testing.T) {
	inTempDir(t)
	if key, err := localkey.Load(); key != "" || err != nil {
		t.Fatalf("there is a key already, %v", err)
	}
	first, err := localkey.LoadOrCreate()
	if first == "" || err != nil {
		t.Fatalf("no key: %v", err)
	}
	for _, load := range []func() (string, error){localkey.LoadOrCreate, localkey.Load} {
		if key, err := load(); key != first || err != nil {
			t.Errorf("another key, %v", err)
		}
	}
	if info, err := os.Stat(localkey.Path()); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Without a key, a relay would refuse every token.
func TestALinkToNowhereIsAnError(t *testing.T) {
	for name, link := range map[string]func() string{
		"the folder": func() string { return filepath.Dir(localkey.Path()) },
		"the file":   localkey.Path,
	} {
		t.Run(name, func(t *testing.T) {
			inTempDir(t)
			if err := os.MkdirAll(filepath.Dir(link()), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(t.TempDir(), "nowhere"), link()); err != nil {
				t.Skip(err) // Windows allows links to administrators only
			}
			if key, err := localkey.LoadOrCreate(); err == nil {
				t.Errorf("the key %q and no error", key)
			}
		})
	}
}

func TestAKeyThatIsWeakOrCannotBeKept(t *testing.T) {
	inTempDir(t)
	if err := os.MkdirAll(filepath.Dir(localkey.Path()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(localkey.Path(), []byte("s3cr3t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := localkey.LoadOrCreate(); err == nil || !strings.Contains(err.Error(), localkey.Path()) || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("a weak key: %q, %v", key, err)
	}
	if err := os.RemoveAll(filepath.Dir(localkey.Path())); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(localkey.Path()), nil, 0o600); err != nil { // in place of the folder
		t.Fatal(err)
	}
	if _, err := localkey.LoadOrCreate(); err == nil {
		t.Error("no error without a folder")
	}
}
