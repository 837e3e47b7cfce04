package scaffold

import (
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

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
func (p *Provider) authorize() (kind, error) {
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
