package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// inCopies, in the environment, has TestCopies run. It builds and tests copies
// of the project, which takes a minute.
const inCopies = "RELAY_TEST_COPIES"

// copied is a copy of the project in which commands are run.
type copied struct {
	t      *testing.T
	folder string
}

// copyProject copies what the project itself has.
func copyProject(t *testing.T) copied {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	c := copied{t, filepath.Join(t.TempDir(), "project")}
	left := []string{".git", "node_modules", ".build", ".serverless"}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(left, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(c.folder, below), 0o755)
		case !d.Type().IsRegular() || d.Name() == ".git" || filepath.Ext(name) == ".db" || strings.HasPrefix(d.Name(), ".env"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(c.folder, below), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// do runs a command, with no settings of whoever runs the tests.
func (c copied) do(args ...string) string {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), args[0], args[1:]...)
	command.Dir = c.folder
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return regexp.MustCompile(`^(RELAY|WATCHLIST)_`).MatchString(v) })
	started := time.Now()
	out, err := command.CombinedOutput()
	c.t.Logf("%4.1f s  %s", time.Since(started).Seconds(), strings.Join(args, " "))
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// relay runs this command in the copy.
func (c copied) relay(args ...string) {
	c.t.Helper()
	c.t.Chdir(c.folder)
	newCLI(c.t).run(0, args...)
}

// checked wants the copy to be as good as the project: built, vetted, formatted
// and up to date.
func (c copied) checked() {
	c.t.Helper()
	c.do("go", "vet", "./...")
	gofmt := filepath.Join(strings.TrimSpace(c.do("go", "env", "GOROOT")), "bin", "gofmt")
	if out := c.do(gofmt, "-l", "cmd", "functions", "providers", "shared"); out != "" {
		c.t.Errorf("not formatted: %s", out)
	}
}

func TestCopies(t *testing.T) {
	if os.Getenv(inCopies) == "" {
		t.Skip(inCopies + " is not set: npm test sets it")
	}
	t.Run("a provider", testNewProvider)
	t.Run("a fork", testFork)
}

// Who follows the page gets what it says. A new provider is as good as those
// that there are, and so is what is left when another one goes.
func testNewProvider(t *testing.T) {
	c := copyProject(t)
	c.follow()
	c.filledIn()
	want(t, read(t, filepath.Join(c.folder, "README.md")), "| `harbour` | health, deliberate, observe, refer | `token` | `domain`, `ip` |", "| `HARBOUR_URL` | `https://harbour.example` |")

	c.relay("new", "copyparty", "--title", "Copied Intelligence", "--types", "ip,domain,sha256",
		"--credential", "key=Your API key", "--credential", "tenant_id=Your tenant")
	c.do("go", "test", ".", "./providers", "./providers/copyparty/...")
	c.do("go", "test", "-run", "^Test(Serve|Check|Module|Providers|Readme|WrongSettings)", "./cmd/relay")

	// with providers/watchlist, from here
	c.relay("new", "--remove", "watchlist")
	if yml := read(t, filepath.Join(c.folder, "serverless.yml")); strings.Contains(yml, "WATCHLIST_") || strings.Contains(yml, "watchlistStore") {
		t.Errorf("the watchlist is still in serverless.yml:\n%s", yml)
	}
	// with providers/watchlist, to here
	c.checked()
	wired := []string{"./cmd/relay", "./cmd/relay/internal/check", "./cmd/relay/internal/scaffold", "./functions/...", "./providers", "./providers/copyparty/...", "./shared/config"}
	c.do(append([]string{"go", "test", "."}, wired...)...)
	c.do(append([]string{"go", "tool", "staticcheck"}, wired...)...)
}

// A fork is as good under its own name.
func testFork(t *testing.T) {
	c := copyProject(t)
	c.relay("new", "forkparty", "--credential", "none", "--types", "url", "--module", "example.com/copy/relay")
	c.checked()
	c.do("go", "test", ".", "./providers", "./providers/forkparty/...")
}
