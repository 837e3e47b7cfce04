package scaffold

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxName is the most characters that a provider's name may have.
const maxName = 30

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// CheckName says why a name can't be that of a provider: that of its folder, its
// Go package, and the value of RELAY_PROVIDER.
func CheckName(name string) error {
	reason := ""
	switch {
	case len(name) > maxName:
		reason = fmt.Sprintf("it has more than %d characters", maxName)
	case !nameForm.MatchString(name):
		reason = "a Go package is named in small letters and digits, and begins with a letter"
		if better := simplify(name); nameForm.MatchString(better) && better != name {
			reason += ": try " + better
		}
	case token.IsKeyword(name):
		reason = "it is a word of Go's own"
	case types.Universe.Lookup(name) != nil:
		reason = "Go has something of that name built in"
	case slices.Contains([]string{"documentation", "internal", "main", "testdata", "vendor"}, name):
		reason = "it means something else to Go"
	case slices.Contains([]string{"con", "prn", "aux", "nul"}, name) || regexp.MustCompile(`^(com|lpt)[0-9]$`).MatchString(name):
		reason = "Windows has no folder of that name"
	case slices.Contains([]string{"aws", "jwks", "log", "relay", "secret", "upstream"}, name):
		reason = "its settings would begin with " + envPrefix(name) + ", as others do already"
	}
	if reason != "" {
		return fmt.Errorf("a provider can't be named %q: %s", name, reason)
	}
	return nil
}

// simplify makes a name of what somebody wrote.
func simplify(name string) string {
	return strings.TrimLeft(regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(strings.ToLower(name), ""), "0123456789")
}

// envPrefix is what the names of a provider's settings begin with.
func envPrefix(name string) string { return strings.ToUpper(name) + "_" }

// checkFree finds what there is of a name already.
func (t *Tree) checkFree(name string) error {
	if folder := "providers/" + name; t.exists(folder) || len(t.below(folder)) > 0 {
		return fmt.Errorf("there is a %s already", folder)
	}
	if own := t.ownFiles(name); len(own) > 0 {
		return fmt.Errorf("a provider can't be named %q: %s would be taken for a part of it", name, own[0])
	}
	taken, err := t.registryNames()
	if err != nil {
		return err
	}
	if slices.Contains(taken, name) {
		return fmt.Errorf("a provider can't be named %q: %s has something of that name already", name, registry)
	}
	return nil
}

// checkThere fails where there is no provider of a name.
func (t *Tree) checkThere(name string) error {
	if !nameForm.MatchString(name) || len(t.below("providers/"+name)) == 0 {
		return errors.New("there is no provider " + name + ": " + strings.Join(t.providers(), ", "))
	}
	return nil
}

// providers are the names of those that have a folder.
func (t *Tree) providers() []string {
	var names []string
	for _, p := range t.below("providers") {
		name, _, inFolder := strings.Cut(strings.TrimPrefix(p, "providers/"), "/")
		if inFolder && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// ownFiles are the Go files outside of a provider's folder that are named after
// it.
func (t *Tree) ownFiles(name string) []string {
	var own []string
	for _, p := range t.paths() {
		base := strings.TrimSuffix(path.Base(p), ".go")
		if isGo(p) && (base == name || strings.HasPrefix(base, name+"_")) && t.mayBeOwn(p) {
			own = append(own, p)
		}
	}
	return own
}

// mayBeOwn says whether a file lies where a provider may have files outside its
// own folder: where it is wired, and not in shared or in another one's folder.
func (t *Tree) mayBeOwn(p string) bool {
	folder := path.Dir(p)
	return folder == "providers" || strings.HasPrefix(folder, "functions") || strings.HasPrefix(folder, "cmd/")
}
