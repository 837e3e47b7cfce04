// Package project reads and writes a project's files: module_settings.json, which
// describes its module in XDR, and serverless.yml, which deploys it.
package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

const (
	moduleFile  = "module_settings.json"
	serviceFile = "serverless.yml"
)

// ErrNone means that a folder is not in a project.
var ErrNone = errors.New("no " + moduleFile + " here or in a folder above: change to the project's folder")

// Find returns the project's folder: the nearest one with a module_settings.json,
// from dir upwards. If there is none, it returns ErrNone.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if info, err := os.Stat(filepath.Join(dir, moduleFile)); err == nil && !info.IsDir() {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", ErrNone
		}
		dir = above
	}
}

// FindProvider returns the provider with a name. Commands get it as a parameter, so
// that tests can add providers.
type FindProvider func(name string) (relay.Provider, error)

// Go runs the go command in a project's folder, and copies its output to out.
func Go(ctx context.Context, root string, out io.Writer, args ...string) error {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Stdout, command.Stderr = root, out, out
	if err := command.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
