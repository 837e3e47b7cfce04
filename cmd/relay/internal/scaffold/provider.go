package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// Provider is one that is to be made.
type Provider struct {
	// Name is that of its folder: see CheckName.
	Name string
	// Title is what people call it.
	Title string
	// ObservableTypes are those that it will be asked about.
	ObservableTypes []ctim.ObservableType
	// Credentials are the claims that it needs, if any.
	Credentials []relay.Credential
}

// Mark is the word in a new provider's files at which there is something to be
// filled in.
const Mark = "FILL IN:"

// templates are the files of a provider. In those that end with .tmpl, what is
// in « » is replaced.
//
//go:embed provider
var templates embed.FS

const templateEnding = ".tmpl"

// New makes a provider: its folder, its line in the registry, and its row and
// settings in the README.
func (t *Tree) New(p Provider) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := t.checkFree(p.Name); err != nil {
		return err
	}
	if err := t.addFolder(p); err != nil {
		return err
	}
	if err := t.edit(registry, func(text []byte) ([]byte, error) { return register(text, t.module, p.Name) }); err != nil {
		return err
	}
	settings := p.settings()
	return t.edit(readme, func(text []byte) ([]byte, error) {
		out, ok := addSettings(string(text), settings)
		if !ok {
			t.note("Left to you: %s has no table of settings any more", readme)
		}
		out, err := addRow(out, p.Declaration())
		return []byte(out), err
	})
}

// Declaration is what the new provider declares.
func (p Provider) Declaration() relay.Declaration {
	return relay.Declaration{
		Name:            p.Name,
		Title:           p.Title,
		ObservableTypes: p.ObservableTypes,
		Credentials:     p.Credentials,
		Session:         whole{},
	}
}

// whole is a session that can do all there is, as a new provider's.
type whole struct {
	relay.HealthChecker
	relay.Deliberator
	relay.Observer
	relay.Referrer
	relay.Responder
	relay.Dashboard
}

// settings are those that the templates have.
func (p Provider) settings() []setting {
	prefix := envPrefix(p.Name)
	return []setting{
		{prefix + "URL", "https://api." + p.Name + ".example", "where " + p.Title + "'s API is"},
		{prefix + "TIMEOUT", "10s", "how long a call may take, up to 25s"},
	}
}

// addFolder writes the provider's files.
func (t *Tree) addFolder(p Provider) error {
	types, err := t.typesOf(p.ObservableTypes)
	if err != nil {
		return err
	}
	shown := examples.Observables(types[0].Type)
	content := struct {
		Provider
		Module, Env  string
		Types        []observableType
		Credentials  []credential
		Known, Other string
	}{p, t.module, strings.TrimSuffix(envPrefix(p.Name), "_"), types, credentials(p.Credentials), shown[0].Value, shown[1].Value}
	return fs.WalkDir(templates, "provider", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		below, isTemplate := strings.CutSuffix(strings.TrimPrefix(name, "provider/"), templateEnding)
		if isTemplate {
			if text, err = fill(name, text, content); err != nil {
				return err
			}
		}
		t.add("providers/"+p.Name+"/"+below, text)
		return nil
	})
}

// fill makes a Go file of a template.
func fill(name string, text []byte, content any) ([]byte, error) {
	parsed, err := template.New(name).Delims("«", "»").Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	if err := parsed.Execute(&out, content); err != nil {
		return nil, err
	}
	formatted, err := format.Source([]byte(out.String()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return formatted, nil
}

// credential is one with the header in which the templates send it, where it
// isn't the first.
type credential struct{ Name, Prompt, Header string }

func credentials(declared []relay.Credential) []credential {
	all := make([]credential, len(declared))
	for i, c := range declared {
		all[i] = credential{c.Name, c.Prompt, http.CanonicalHeaderKey("X-" + strings.ReplaceAll(c.Name, "_", "-"))}
	}
	return all
}

// check says what is wrong with what somebody wants to have made.
func (p Provider) check() error {
	if err := CheckName(p.Name); err != nil {
		return err
	}
	if !isLine(p.Title, 60) || strings.Contains(p.Title, "|") {
		return errors.New("a title is a line of up to 60 characters, without |")
	}
	if len(p.ObservableTypes) == 0 {
		return errors.New("a provider is asked about one type of observables at least")
	}
	var names []string
	for _, c := range p.Credentials {
		if err := checkCredential(c); err != nil {
			return err
		}
		if slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(other, c.Name) }) {
			return fmt.Errorf("there are two credentials named %s", c.Name)
		}
		names = append(names, c.Name)
	}
	return nil
}

var credentialForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// checkCredential says why a claim of a token can't be a credential.
func checkCredential(c relay.Credential) error {
	reserved := []string{"aud", "exp", "iat", "iss", "jti", "nbf", "sub", "kid", "jwks_host", "CTR_ENTITIES_LIMIT"}
	switch {
	case !credentialForm.MatchString(c.Name):
		return fmt.Errorf("%q is no name of a credential: that has letters, digits, _ and -, and begins with a letter", c.Name)
	case slices.Contains(reserved, c.Name):
		return fmt.Errorf("a credential can't be named %s: that means something else in a token", c.Name)
	case !isLine(c.Prompt, 200):
		return fmt.Errorf("the prompt of the credential %s is not a line of up to 200 characters", c.Name)
	}
	return nil
}

// isLine says whether a text is one line, of something, and not too long.
func isLine(text string, most int) bool {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return strings.TrimSpace(text) == text && text != "" && len([]rune(text)) <= most && !strings.ContainsFunc(text, unprintable)
}
