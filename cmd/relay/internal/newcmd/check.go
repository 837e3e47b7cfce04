package newcmd

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
func (p *provider) complete() (kind, error) {
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
	claims := []string{"exp", "nbf", "sub", relay.ProviderClaim, relay.StageClaim, relay.EntitiesLimitClaim}
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

// kind is a way to send credentials.
type kind struct {
	// Call is Go code for the upstream.Auth, and Sent for the credential in a request
	// to the stand-in.
	Call, Sent string
	// Token is the path of the OAuth2 token endpoint. Parameter is the name of the
	// query's parameter with the credential.
	Token, Parameter string
	// claims are the names of the credentials by default.
	claims []string
}

const authorization = `r.Header.Get("Authorization")`

var kinds = map[string]kind{
	"header": {Call: `Header("X-Api-Key", %q)`, Sent: `r.Header.Get("X-Api-Key")`, claims: []string{"key"}},
	"bearer": {Call: `Bearer(%q)`, Sent: authorization, claims: []string{"key"}},
	"query":  {Call: `Query("key", %q)`, Sent: `r.URL.Query().Get("key")`, Parameter: "key", claims: []string{"key"}},
	"basic":  {Call: `Basic(%q, %q)`, Sent: authorization, claims: []string{"user", "password"}},
	"oauth2": {Call: `OAuth2("/oauth2/token", %q, %q)`, Sent: authorization, Token: "/oauth2/token", claims: []string{"client_id", "client_secret"}},
	"none":   {Call: `None()`},
}

// authorize returns the kind that Auth names, and fills in Credentials if there are
// none. The kind sends the first of them.
func (p *provider) authorize() (kind, error) {
	k, ok := kinds[p.Auth]
	if !ok {
		return k, fmt.Errorf("--auth %q: use header, bearer, query, basic, oauth2 or none", p.Auth)
	}
	if len(p.Credentials) == 0 {
		for _, name := range k.claims {
			p.Credentials = append(p.Credentials, relay.Credential{Name: name, Prompt: "Your " + p.Title + " " + strings.ReplaceAll(name, "_", " ")})
		}
	}
	if len(p.Credentials) < len(k.claims) || len(k.claims) == 0 && len(p.Credentials) > 0 {
		return k, fmt.Errorf("--auth %s needs %d credentials: pass --credential for all of them, or not at all", p.Auth, len(k.claims))
	}
	var names []any
	for _, c := range p.Credentials[:len(k.claims)] {
		names = append(names, c.Name)
	}
	k.Call = fmt.Sprintf(k.Call, names...)
	return k, nil
}
