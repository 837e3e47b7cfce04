package platform

// Type is a type of modules: the texts that the platform shows, the routes that it
// calls, and the form with which a person adds a module.
type Type struct {
	Title       string `json:"title"`
	DefaultName string `json:"default_name"`
	// ShortDescription and Description are shown with the module; the latter
	// and Tips are Markdown.
	ShortDescription  string         `json:"short_description"`
	Description       string         `json:"description"`
	Tips              string         `json:"tips"`
	Capabilities      []Capability   `json:"capabilities"`
	ConfigurationSpec []Field        `json:"configuration_spec"`
	Properties        TypeProperties `json:"properties"`
}

// Capability is one capability of a type's modules.
type Capability struct {
	// ID is the platform's name of it, such as "observe".
	ID          string `json:"id"`
	Description string `json:"description"`
}

// Field is a field of the form that a person fills in to add a module.
type Field struct {
	// Key is the name of the value. If it begins with "custom_", the value becomes
	// a claim of the tokens that the platform signs.
	Key string `json:"key"`
	// Type is "string", "integer", or "api_key" for a secret.
	Type    string `json:"type"`
	Label   string `json:"label"`
	Tooltip string `json:"tooltip,omitempty"`
	// Required is set if the field must not be empty.
	Required bool `json:"required"`
}

// TypeProperties are the properties with which the platform calls modules of a type.
type TypeProperties struct {
	URL           string   `json:"url,omitempty"`
	SupportedAPIs []string `json:"supported-apis"`
	// AuthType is HeaderAuth or TokenAuth.
	AuthType string `json:"auth-type"`
	// The other fields are for TokenAuth: the algorithm and audience of the
	// platform's tokens, and the host with their keys.
	TokenAlgorithm string `json:"configuration-token-alg,omitempty"`
	TokenAudience  string `json:"configuration-token-audience,omitempty"`
	JWKSHost       string `json:"custom_jwks_host,omitempty"`
}

// TokenAuth is the authorization type of modules for which the platform signs a
// token with each request.
const TokenAuth = "configuration-token"
