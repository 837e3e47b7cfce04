package scaffold

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Clean fails where there is something that was not committed to git: only what
// was can be had back. In the named files and folders that is all that git
// doesn't have; without any, it is all that differs from what git has, in the
// whole project. A project without git passes.
func (t *Tree) Clean(paths ...string) error {
	if !t.hasGit() {
		return nil
	}
	args := []string{"-C", t.root, "status", "--porcelain", "--untracked-files=all"}
	if len(paths) > 0 {
		args = append(append(args, "--ignored", "--"), paths...)
	}
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return fmt.Errorf("can't tell whether all is committed: git status: %w", err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if lines[0] == "" {
		return nil
	}
	const most = 5
	var names []string
	for _, line := range lines[:min(len(lines), most)] {
		names = append(names, line[len("XY "):])
	}
	if rest := len(lines) - len(names); rest > 0 {
		names = append(names, fmt.Sprintf("%d more", rest))
	}
	return fmt.Errorf("not all is committed, and what isn't could not be had back. Commit or stash it first: %s", strings.Join(names, ", "))
}

// hasGit says whether the project is in a repository of git.
func (t *Tree) hasGit() bool {
	for folder := t.root; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil {
			return true
		}
		if folder == filepath.Dir(folder) {
			return false
		}
	}
}
