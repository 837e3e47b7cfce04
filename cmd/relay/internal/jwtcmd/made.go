package jwtcmd

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// MadeToken is a token with all that is needed to use it.
type MadeToken struct {
	Stage             string `json:"stage"`
	Module            string `json:"module"`
	JWT               string `json:"jwt"`
	SecretKey         string `json:"secret_key"`
	SecretKeyPrevious string `json:"secret_key_previous,omitempty"`
	// Expires is zero for a token that never expires.
	Expires time.Time `json:"expires,omitzero"`
	// SavedIn is the path of the file with the saved keys. Empty is none.
	SavedIn string         `json:"saved_in,omitempty"`
	Lambda  []FunctionPage `json:"lambda"`
	XDR     []ModulePage   `json:"xdr"`

	envFile, keyOrigin string
	localKey           bool
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

func newMadeToken(st *stage, module project.Module, region string, keys signingKeys) *MadeToken {
	made := &MadeToken{
		Stage:             st.name,
		Module:            module.Name,
		SecretKey:         keys.secret,
		SecretKeyPrevious: keys.previous,
		envFile:           st.fileName(),
		keyOrigin:         keys.origin,
		localKey:          keys.local,
	}
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

// explain writes for a person what was made and what to do with it, with the token
// and a new key if asked to.
func (m *MadeToken) explain(w io.Writer, now time.Time, withToken, withKey bool) error {
	var b strings.Builder
	end := "It never expires."
	if !m.Expires.IsZero() {
		end = "It expires " + console.When(m.Expires, now) + "."
	}
	fmt.Fprintf(&b, "Made the token (JWT) of stage %s for the module %s. %s\n", m.Stage, console.Printable(m.Module), end)
	if withToken {
		fmt.Fprintf(&b, "\n  %s\n\n", m.JWT)
	}
	fmt.Fprintf(&b, "It is verified with the SECRET_KEY %s", m.keyOrigin)
	if m.keyOrigin == madeNow && withKey {
		fmt.Fprintf(&b, ":\n\n  %s\n", m.SecretKey)
	} else {
		b.WriteString(".\n")
	}
	if m.localKey {
		fmt.Fprintf(&b, "\nIt is for npm start on this machine. A deployment needs a key of its own, and a token for it:\n\n  relay jwt %s --save\n", m.Stage)
		_, err := io.WriteString(w, b.String())
		return err
	}
	m.explainDeployment(&b)
	b.WriteString("\nThen create the module in XDR, under Administration > Integrations, with the token and the relay's URL\n(npx sls info --stage " + m.Stage + "):\n\n")
	for _, page := range m.XDR {
		fmt.Fprintf(&b, "  %-4s  %-36s  module type %s\n", strings.ToUpper(page.Region), page.URL, page.ModuleType)
	}
	if m.SecretKeyPrevious != "" {
		fmt.Fprintf(&b, "\nGive the new token to each module that exists already. Then remove SECRET_KEY_PREVIOUS from %s and\ndeploy again.\n", m.envFile)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explainDeployment explains how the relay gets its key.
func (m *MadeToken) explainDeployment(b *strings.Builder) {
	needs := "SECRET_KEY. A deployment reads it from "
	if m.SecretKeyPrevious != "" {
		needs = "SECRET_KEY and, as SECRET_KEY_PREVIOUS, the key before it. A deployment reads both from "
	}
	from := "the environment or from " + m.envFile + ", which --save writes"
	if m.SavedIn != "" {
		from = m.envFile
	}
	fmt.Fprintf(b, "\nThe relay needs %s%s:\n\n  npx sls deploy --stage %s\n", needs, from, m.Stage)
	b.WriteString("\nOr set it by hand, in the environment of each function:\n\n")
	for _, page := range m.Lambda {
		fmt.Fprintf(b, "  %s\n", page.URL)
	}
}
