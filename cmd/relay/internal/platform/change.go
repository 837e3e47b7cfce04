package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Change is a request that changes something on the platform. Its body may contain
// a relay's token.
type Change struct {
	Method string
	// Path is the path of the API.
	Path string
	// Body is sent as JSON. Nil is no body.
	Body any
}

// CreateInstance registers a module. Sending it twice registers two.
func CreateInstance(i Instance) Change {
	return Change{http.MethodPost, instancePath, i}
}

// UpdateInstance changes the module with an id.
func UpdateInstance(id string, p InstancePatch) Change {
	return Change{http.MethodPatch, instancePath + "/" + url.PathEscape(id), p}
}

// DeleteInstance removes the module with an id. It is no error if there is none.
func DeleteInstance(id string) Change {
	return Change{http.MethodDelete, instancePath + "/" + url.PathEscape(id), nil}
}

// CreateType registers a type of modules. Sending it twice registers two.
func CreateType(t Type) Change {
	return Change{http.MethodPost, typePath, t}
}

// UpdateType replaces the type with an id. It must be complete: the platform
// replaces its lists, such as its capabilities.
func UpdateType(id string, t Type) Change {
	return Change{http.MethodPatch, typePath + "/" + url.PathEscape(id), t}
}

// repeatable reports whether sending it twice has the same result as once.
func (c Change) repeatable() bool { return c.Method != http.MethodPost }

// settings returns the settings in the body, if any.
func (c Change) settings() Settings {
	switch body := c.Body.(type) {
	case Instance:
		return body.Settings
	case InstancePatch:
		if body.Settings != nil {
			return *body.Settings
		}
	}
	return Settings{}
}

// secrets returns the parts of the body that must not be shown.
func (c Change) secrets() []string {
	header := c.settings().AuthorizationHeader
	if header == "" {
		return nil
	}
	_, token, _ := strings.Cut(header, " ")
	return []string{header, token}
}

// Preview returns the text of the request, without anything secret.
func (c Change) Preview(baseURL string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s\nAuthorization: Bearer [redacted]\nAccept: application/json\n", c.Method, baseURL, c.Path)
	if c.Body == nil {
		return b.String(), nil
	}
	body := c.Body
	switch shown := body.(type) {
	case Instance:
		shown.Settings = shown.Settings.redacted()
		body = shown
	case InstancePatch:
		if shown.Settings != nil {
			settings := shown.Settings.redacted()
			shown.Settings = &settings
		}
		body = shown
	}
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		return "", fmt.Errorf("%s %s: write the body: %w", c.Method, c.Path, err)
	}
	fmt.Fprintf(&b, "Content-Type: application/json\n\n%s\n", text)
	return b.String(), nil
}
