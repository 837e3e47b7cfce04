package scaffold

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

var (
	nameForm  = regexp.MustCompile(`^[a-z][a-z0-9]{0,29}$`)
	claimForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

// checkName returns an error if a provider can't have the name. It is also the name
// of its folder and its Go package and, in upper case, the prefix of its settings.
func checkName(name string) error {
	reason := ""
	switch {
	case !nameForm.MatchString(name):
		reason = "use 1 to 30 small letters and digits, a letter first"
	case token.IsKeyword(name), types.Universe.Lookup(name) != nil,
		slices.Contains(strings.Fields("context fmt http internal main net testdata testing time url vendor"), name):
		reason = "it has another meaning in Go"
	case slices.Contains(strings.Fields("deliberate health observe refer respond tiles version aws jwks lambda log relay secret upstream xdr"), name):
		reason = "a route or the settings of something else begin with it"
	default:
		return nil
	}
	return fmt.Errorf("a provider can't be named %q: %s", name, reason)
}

// complete checks the provider, and fills in the fields that are empty.
func (p *Provider) complete() (kind, error) {
	if err := checkName(p.Name); err != nil {
		return kind{}, err
	}
	if p.Title == "" {
		p.Title = strings.ToUpper(p.Name[:1]) + p.Name[1:]
	}
	if !isLine(p.Title) {
		return kind{}, fmt.Errorf("--title %q is not one line of text", p.Title)
	}
	if p.URL == "" {
		p.URL = "https://api." + p.Name + ".example"
	}
	address, err := upstream.ParseAddress(p.URL)
	if err != nil {
		return kind{}, fmt.Errorf("--url: %w", err)
	}
	p.URL = address.String()
	if len(p.Types) == 0 {
		return kind{}, errors.New("--types: name at least one observable type")
	}
	k, err := p.authorize()
	if err != nil {
		return kind{}, err
	}
	claims := []string{"exp", "nbf", "sub", auth.ProviderClaim, auth.StageClaim, relay.EntitiesLimitClaim}
	for _, c := range p.Credentials {
		switch {
		case !claimForm.MatchString(c.Name) || slices.Contains(claims, c.Name):
			return kind{}, fmt.Errorf("--credential %q: use letters, digits, - and _, and not the name of another claim such as exp", c.Name)
		case !isLine(c.Prompt):
			return kind{}, fmt.Errorf("--credential %s has no prompt: write %[1]s=\"Your API key\"", c.Name)
		}
		claims = append(claims, c.Name)
	}
	return k, nil
}

// isLine reports whether a text is one line that isn't blank.
func isLine(text string) bool {
	return strings.TrimSpace(text) != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// constants returns the names of ctim's constants for observable types.
func constants(root string, types []ctim.ObservableType) ([]string, error) {
	vocabulary, err := os.ReadFile(filepath.Join(root, "shared", "ctim", "vocabulary.go"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range types {
		before, _, ok := strings.Cut(string(vocabulary), fmt.Sprintf(" ObservableType = %q\n", t))
		if !ok {
			return nil, fmt.Errorf("--types %s: not an observable type such as ip, domain or sha256; shared/ctim/vocabulary.go lists them", t)
		}
		names = append(names, strings.TrimSpace(before[strings.LastIndexByte(before, '\n'):]))
	}
	return names, nil
}
