package relay

import (
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Declaration describes a provider. The module type, the prompts of `relay jwt`
// and the documents are made from it.
type Declaration struct {
	// Name is the provider's folder, its value in RELAY_PROVIDER, and in upper
	// case the prefix of its settings. Letters and digits only.
	Name string
	// Title is the name that people read, such as "AbuseIPDB".
	Title string
	// ObservableTypes are the types that it is asked about. Other observables
	// are skipped.
	ObservableTypes []ctim.ObservableType
	// Credentials are the claims that it reads from the caller's token.
	Credentials []Credential
	// Session is an empty session, such as (*session)(nil). The interfaces of
	// its type are the capabilities registered with the platform.
	Session Session
	// Describe returns the settings that Open reads from the environment; nil if
	// there are none. It is a function because a start needs no descriptions.
	Describe func() []Setting
}

// Setting describes an environment variable.
type Setting struct {
	Name string
	// Default is the value if the variable is not set; empty is none.
	Default string
	// Doc describes the setting. Expected describes valid values.
	Doc, Expected string
	// Text is true if any text is valid.
	Text bool
}

// Credential is a claim of the caller's token.
type Credential struct {
	// Name is the claim's name.
	Name string
	// Prompt asks a person for the value.
	Prompt string
	// Optional credentials may be absent from the token.
	Optional bool
}

// Capabilities returns the capabilities of the provider's sessions.
func (d Declaration) Capabilities() []Capability {
	return slices.DeleteFunc(Capabilities(), func(c Capability) bool { return !c.Of(d.Session) })
}

// Settings returns the descriptions of the provider's settings.
func (d Declaration) Settings() []Setting {
	if d.Describe == nil {
		return nil
	}
	return d.Describe()
}

// RequiredCredentials returns the names of the claims that must be present.
func (d Declaration) RequiredCredentials() []string {
	var names []string
	for _, c := range d.Credentials {
		if !c.Optional {
			names = append(names, c.Name)
		}
	}
	return names
}
