package project

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Go runs the go command in a project's folder, and copies what it prints to out.
func Go(ctx context.Context, root string, out io.Writer, args ...string) error {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Stdout, command.Stderr = root, out, out
	if err := command.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
