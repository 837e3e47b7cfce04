package platform

import (
	"encoding/json"
	"strings"
)

// Instance is a module: a relay's URL and the properties with which the platform
// calls it.
type Instance struct {
	// ID is the platform's. It is empty for a module that isn't registered yet.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// TypeID is the id of the module's type.
	TypeID string `json:"module_type_id"`
	// Visibility is "org", "user" or "global".
	Visibility string   `json:"visibility"`
	Enabled    *bool    `json:"enabled,omitempty"`
	Settings   Settings `json:"settings"`
	// CreatedAt and UpdatedAt are the platform's, as it writes them.
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

// InstancePatch is a change of a module. Zero fields stay as they are.
type InstancePatch struct {
	Name     string    `json:"name,omitempty"`
	Enabled  *bool     `json:"enabled,omitempty"`
	Settings *Settings `json:"settings,omitempty"`
}

// HeaderAuth is the authorization type of modules whose Authorization header is
// always the same.
const HeaderAuth = "authorization-header"

// Settings are the properties with which the platform calls a relay. Those of other
// types of modules are not read: they may be secret.
type Settings struct {
	URL string `json:"url,omitempty"`
	// AuthType is HeaderAuth or TokenAuth.
	AuthType string `json:"auth-type,omitempty"`
	// AuthorizationHeader is the header that the platform sends: "Bearer " and a token.
	AuthorizationHeader string `json:"authorization-header,omitempty"`
	// SupportedAPIs are the relay's routes without the slash before them. A
	// patch replaces all of them.
	SupportedAPIs []string `json:"supported-apis,omitempty"`
}

// UnmarshalJSON ignores fields of other types: one unusual module must not hide
// all others.
func (s *Settings) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	for name, into := range map[string]any{"url": &s.URL, "auth-type": &s.AuthType, HeaderAuth: &s.AuthorizationHeader, "supported-apis": &s.SupportedAPIs} {
		if text, ok := fields[name]; ok {
			_ = json.Unmarshal(text, into)
		}
	}
	return nil
}

// ShowsToken reports whether the settings contain the token. The platform may omit
// or mask it.
func (s Settings) ShowsToken() bool {
	word, token, ok := strings.Cut(s.AuthorizationHeader, " ")
	return ok && strings.EqualFold(word, "Bearer") && strings.Trim(token, "*•. ") != ""
}
