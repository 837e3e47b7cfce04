// Package architecture holds the rules about who may import whom. They keep
// the tree explaining itself: a provider can be read, changed or removed
// without looking at any other.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// module is the path of the Go module.
var module = func() string {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		panic(err)
	}
	return modfile.ModulePath(text)
}()

// rules name, for packages below a folder, what they must not import, except
// what is allowed after all. Paths end at a slash or a word.
var rules = []struct {
	in, not string
	except  []string
	why     string
}{
	{in: "shared", not: module + "/providers", why: "shared serves every provider and knows none"},
	{in: "shared", not: module + "/functions", why: "shared is wired, it doesn't wire"},
	{in: "shared", not: module + "/cmd", why: "shared is wired, it doesn't wire"},
	{in: "providers", not: module + "/functions", why: "providers are wired, they don't wire"},
	{in: "providers", not: module + "/cmd", why: "providers are wired, they don't wire"},
	{in: "shared/relay", not: module, except: []string{"shared/relay", module + "/shared/ctim"}, why: "the contract needs the model alone"},
	{in: "shared/ctim", not: module, except: []string{module + "/shared/ctim", "shared/ctim/rules"}, why: "the model knows nobody here"},
	{in: "shared/ctim/rules", not: module, except: []string{module + "/shared/ctim", module + "/shared/relay"}, why: "the rules need the model and the contract alone"},
	{in: "", not: module + "/web", except: []string{"cmd/relay"}, why: "the page's files must not make a function larger"},
	{in: "", not: "github.com/aws/aws-lambda-go", except: []string{"shared/gateway"}, why: "only the gateway knows Lambda"},
	{in: "", not: "github.com/aws/aws-sdk-go-v2", except: []string{"providers/watchlist/dynamo", "providers/guardduty", "shared/ssm"}, why: "only those that call AWS need the SDK"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// folder is the package's folder within the module.
func (p goPackage) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func TestWhoMayImportWhom(t *testing.T) {
	packages := list(t)
	for _, p := range packages {
		for _, imported := range p.Imports {
			for _, rule := range rules {
				if below(p.folder(), rule.in) && below(imported, rule.not) && !excepted(p, imported, rule.except) {
					t.Errorf("%s imports %s: %s", p.folder(), imported, rule.why)
				}
			}
			if a, b := provider(p.folder()), provider(strings.TrimPrefix(imported, module+"/")); a != "" && b != "" && a != b {
				t.Errorf("%s imports %s: providers don't know one another; what two need belongs in shared", p.folder(), imported)
			}
		}
	}
}

// The model may use the standard library and a UUID library.
func TestTheModelNeedsLittle(t *testing.T) {
	for _, p := range list(t) {
		if p.folder() != "shared/ctim" {
			continue
		}
		for _, imported := range p.Imports {
			if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") && imported != "github.com/google/uuid" {
				t.Errorf("shared/ctim imports %s", imported)
			}
		}
		return
	}
	t.Error("shared/ctim is not there")
}

func excepted(p goPackage, imported string, except []string) bool {
	return slices.ContainsFunc(except, func(e string) bool { return below(p.folder(), e) || below(imported, e) })
}

func below(path, folder string) bool {
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}

// provider is the name of the provider that the folder belongs to, if any.
func provider(folder string) string {
	rest, ok := strings.CutPrefix(folder, "providers/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// list is every package of the module with what it imports, tests aside.
func list(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 15 {
		t.Fatalf("only %d packages found", len(packages))
	}
	return packages
}
