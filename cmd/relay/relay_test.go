package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// asRelay in the environment makes this test's binary the command itself: a process
// that a test can kill.
const asRelay = "RELAY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asRelay) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process returns the command as another process.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, args...)
	command.Env = append(os.Environ(), asRelay+"=1")
	return command
}

// cli runs the command with its own settings.
type cli struct{ t *testing.T }

func newCLI(t *testing.T) cli {
	t.Helper()
	names := []string{"SECRET_KEY", "SECRET_KEY_PREVIOUS", "JWKS_HOSTS", "RELAY_ORGANIZATIONS", "RELAY_ALLOW_FROM", "RELAY_STAGE", "RELAY_URL", "RELAY_PROVIDER", "RELAY_CONCURRENCY", "LOG_LEVEL", "PORT",
		"RELAY_JWT", "XDR_CLIENT_ID", "XDR_CLIENT_PASSWORD", "XDR_REGION"}
	for _, d := range providers.Declarations() {
		for _, s := range d.Settings() {
			names = append(names, s.Name)
		}
	}
	for _, name := range names {
		t.Setenv(name, "") // counts as not set
	}
	data := t.TempDir() // in place of the user's data directory
	t.Setenv("XDG_DATA_HOME", data)
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Setenv("HOME", data)
		t.Setenv("USERPROFILE", data)
	}
	return cli{t}
}

// some is a provider that needs two credentials and may have a third. It can't
// be opened.
type some struct{ relay.Provider }

func (some) Declaration() relay.Declaration {
	return relay.Declaration{Name: "some", Title: "Some Intelligence", Credentials: []relay.Credential{
		{Name: "HOST", Prompt: "Its address"}, {Name: "AuthKey", Prompt: "Your key"}, {Name: "tenant", Prompt: "Your tenant", Optional: true},
	}}
}

// none is a provider without credentials. It can't be opened.
type none struct{ relay.Provider }

func (none) Declaration() relay.Declaration { return relay.Declaration{Name: "none", Title: "None"} }

// findProvider finds some, none, and the providers of the project.
func findProvider(name string) (relay.Provider, error) {
	switch name {
	case "some":
		return some{}, nil
	case "none":
		return none{}, nil
	}
	return providers.Find(name)
}

// run runs the command and returns what it printed. Another exit code fails the test.
func (c cli) run(code int, args ...string) (out, err string) {
	c.t.Helper()
	return c.runWith(c.t.Context(), "", code, args...)
}

func (c cli) runWith(ctx context.Context, stdin string, code int, args ...string) (out, err string) {
	c.t.Helper()
	var stdout, stderr bytes.Buffer
	if got := run(ctx, args, console.Console{In: strings.NewReader(stdin), Out: &stdout, Err: &stderr}, findProvider); got != code {
		c.t.Errorf("relay %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

func (c cli) write(name, content string) string {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}

func TestUsage(t *testing.T) {
	c := newCLI(t)
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"providers", "--help"}, {"new", "--help"}, {"check", "--help"}, {"module", "--help"}, {"jwt", "--help"}, {"jwt", "sign", "--help"}, {"jwt", "inspect", "--help"}} {
		out, _ := c.run(0, args...)
		want(t, out, "Usage: relay")
	}
	for _, args := range [][]string{{"--version"}, {"version"}} {
		if out, _ := c.run(0, args...); out != "relay 1.0.0\n" {
			t.Errorf("%q prints %q", args, out)
		}
	}
	out, _ := c.run(0, "version", "--json")
	want(t, out, `"version": "1.0.0"`)
	for asked, instead := range map[string]string{"": "--help", "help": "--help", "help serve": "serve --help", "help jwt inspect": "jwt inspect --help"} {
		got, _ := c.run(0, strings.Fields(asked)...)
		if wanted, _ := c.run(0, strings.Fields(instead)...); got != wanted {
			t.Errorf("relay %s prints %s", asked, got)
		}
	}
	_, err := c.run(exitUsage, "module", "list", "--region", "asia")
	want(t, err, `--region must be one of "us","eu","apjc" but got "asia"`)
	for args, help := range map[string]string{
		"dance": "relay", "help dance": "relay", "serve --colour": "relay serve", "jwt": "relay jwt sign", "jwt dev --colour": "relay jwt sign",
		"module add --colour": "relay module add", "module remove": "relay module remove", "completion tcsh": "relay completion",
	} {
		t.Chdir(t.TempDir()) // no project
		_, err := c.run(exitUsage, strings.Fields(args)...)
		want(t, err, "relay: ", "\nFor help, run: "+help+" --help\n")
	}
}

func TestWrongSettings(t *testing.T) {
	c := newCLI(t)
	t.Setenv("PORT", "0") // one that is free
	for variable, value := range map[string]string{"PORT": "http", "RELAY_CONCURRENCY": "0", "RELAY_PROVIDER": "nobody", "LOG_LEVEL": "loud"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)
			_, err := c.run(exitFailed, "serve")
			want(t, err, "setting "+variable)
		})
	}
}
