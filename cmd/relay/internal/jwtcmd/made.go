package jwtcmd

import (
	"io"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// MadeToken is a token, with what is needed to use it.
type MadeToken struct {
	Stage  string `json:"stage"`
	Module string `json:"module"`
	JWT    string `json:"jwt"`
	Keys
	// Expires is zero for a token that never expires.
	Expires time.Time `json:"expires,omitzero"`
	// SavedIn is the path of the file with the saved keys. Empty is none.
	SavedIn string         `json:"saved_in,omitempty"`
	Lambda  []FunctionPage `json:"lambda"`
	XDR     []ModulePage   `json:"xdr"`

	// EnvFile is the name of the stage's .env file.
	EnvFile string `json:"-"`
}

// FunctionPage is the page of AWS's console with a function's environment.
type FunctionPage struct {
	Function string `json:"function"`
	URL      string `json:"url"`
}

// ModulePage is the page of XDR in one region where modules are created.
type ModulePage struct {
	Region     string `json:"region"`
	URL        string `json:"url"`
	ModuleType string `json:"module_type"`
}

func newMadeToken(st *stage, module project.Module, d relay.Declaration, region string, keys Keys) *MadeToken {
	made := &MadeToken{Stage: st.name, Module: module.NameFor(d), Keys: keys, EnvFile: st.fileName()}
	for _, function := range st.service.Functions {
		name := st.service.DeployedName(st.name, function)
		made.Lambda = append(made.Lambda, FunctionPage{name,
			"https://console.aws.amazon.com/lambda/home?region=" + region + "#/functions/" + name + "/edit/environment-variables?tab=configuration"})
	}
	for _, xdr := range slices.Sorted(maps.Keys(module.Types)) {
		made.XDR = append(made.XDR, ModulePage{xdr, "https://xdr." + xdr + ".security.cisco.com", module.Types[xdr]})
	}
	return made
}

// explanation describes the token and the next steps to a person.
var explanation = template.Must(template.New("").Funcs(template.FuncMap{"printable": console.Printable, "upper": strings.ToUpper}).Parse(
	`Made the token (JWT) of stage {{.Stage}} for the module {{printable .Module}}. {{.End}}
{{if .WithToken}}
  {{.JWT}}

{{end}}It is verified with the SECRET_KEY {{.Origin}}{{if .WithKey}}:

  {{.SecretKey}}
{{else}}.
{{end}}{{if .Local}}
It is for npm start on this machine. A deployment needs a key of its own, and a token for it:

  relay jwt {{.Stage}} --save
{{else}}
The relay needs {{if .SecretKeyPrevious}}SECRET_KEY and, as SECRET_KEY_PREVIOUS, the key before it. A deployment reads both{{else}}SECRET_KEY. A deployment reads it{{end}} from {{if not .SavedIn}}the environment or from {{end}}{{.EnvFile}}{{if not .SavedIn}}, which --save writes{{end}}:

  npx sls deploy --stage {{.Stage}}

Or set it by hand, in the environment of each function:

{{range .Lambda}}  {{.URL}}
{{end}}
Then create the module in XDR, under Administration > Integrations, with the token and the relay's URL
(npx sls info --stage {{.Stage}}):

{{range .XDR}}  {{upper .Region | printf "%-4s"}}  {{printf "%-36s" .URL}}  module type {{.ModuleType}}
{{end}}{{if .SecretKeyPrevious}}
Give the new token to each module that exists already. Then remove SECRET_KEY_PREVIOUS from {{.EnvFile}} and
deploy again.
{{end}}{{end}}`))

// End describes when the token expires.
func (m *MadeToken) End() string {
	if m.Expires.IsZero() {
		return "It never expires."
	}
	return "It expires " + console.When(m.Expires, time.Now()) + "."
}

// explain writes the explanation, with the token and a new key if asked to.
func (m *MadeToken) explain(w io.Writer, withToken, withKey bool) error {
	return explanation.Execute(w, struct {
		*MadeToken
		WithToken, WithKey bool
	}{m, withToken, withKey && m.Origin == madeNow})
}
