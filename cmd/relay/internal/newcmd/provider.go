package newcmd

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"

	"golang.org/x/mod/modfile"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// provider describes a provider to write.
type provider struct {
	// Name is the name of the folder and of the package.
	Name  string                `arg:"" optional:"" help:"The provider's name: small letters and digits."`
	Title string                `help:"The name of the third party for people. Default: NAME with a capital." placeholder:"TEXT"`
	URL   string                `name:"url" help:"The base URL of its API. Default: https://api.NAME.example." placeholder:"URL"`
	Types []ctim.ObservableType `help:"The observable types that it knows. Default: ip,domain." default:"ip,domain" placeholder:"TYPE"`
	Auth  string                `help:"How credentials are sent: header, bearer, query, basic, oauth2 or none. Default: header." default:"header" placeholder:"KIND"`
	// Credentials are claims of the token, by default those that Auth needs.
	Credentials []relay.Credential `kong:"-"`
}

//go:embed template
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"quote": strconv.Quote}).ParseFS(files, "template/*"))

// content contains the values for the templates.
type content struct {
	provider
	kind
	// Module is the path of the Go module, Query the query of the request about Known,
	// Site the URL of pages for people, and Path the path of URL.
	Module, Query, Site, Path string
	Known                     ctim.Observable
	Constants                 []string // of the Types
}

// write writes a provider's folder in the project's folder root, except answer.json of
// its golden case, which go test -update writes. If the provider isn't valid, or its
// folder exists, write writes nothing.
func write(root string, p provider) error {
	kind, err := p.complete()
	if err != nil {
		return err
	}
	folder := filepath.Join(root, "providers", p.Name)
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("providers/%s exists: choose another name, or remove it with rm -r", p.Name)
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	address, _ := url.Parse(p.URL) // complete has checked it
	c := content{
		provider: p,
		kind:     kind,
		Module:   modfile.ModulePath(module),
		Known:    examples.Observable(p.Types[0]),
		Site:     strings.Replace(p.URL, "://api.", "://www.", 1),
		Path:     address.Path,
	}
	if c.Constants, err = constants(root, p.Types); err != nil {
		return err
	}
	query := url.Values{"type": {string(c.Known.Type)}, "value": {c.Known.Value}}
	if kind.Parameter != "" {
		query.Set(kind.Parameter, "s3cr3t-"+p.Credentials[0].Name) // as in package relaytest
	}
	c.Query = query.Encode()
	golden := filepath.Join(folder, "testdata", "known")
	if err := os.MkdirAll(golden, 0o755); err != nil {
		return err
	}
	for name, file := range map[string]string{
		"provider.go":      filepath.Join(folder, p.Name+".go"),
		"provider_test.go": filepath.Join(folder, p.Name+"_test.go"),
		"README.md":        filepath.Join(folder, "README.md"),
		"request.json":     filepath.Join(golden, "request.json"),
		"third-party.json": filepath.Join(golden, "third-party.json"),
	} {
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, name+".tmpl", c); err != nil {
			return err
		}
		out := text.Bytes()
		if filepath.Ext(file) == ".go" {
			if out, err = format.Source(out); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		if err := os.WriteFile(file, out, 0o644); err != nil {
			return err
		}
	}
	return nil
}
