package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Change is a request that changes something on the platform. Its body may hold
// a relay's token: Preview shows it without.
type Change struct {
	Method string
	// Path is the path of the API.
	Path string
	// Body is sent as JSON; nil means that there is none.
	Body any
}

// CreateInstance registers a module. To send it twice makes two.
func CreateInstance(i Instance) Change {
	return Change{http.MethodPost, instancePath, i}
}

// UpdateInstance changes what the patch names of the module of that id.
func UpdateInstance(id string, p InstancePatch) Change {
	return Change{http.MethodPatch, instancePath + "/" + url.PathEscape(id), p}
}

// DeleteInstance removes the module of that id. Where it is gone already, that
// is no error.
func DeleteInstance(id string) Change {
	return Change{http.MethodDelete, instancePath + "/" + url.PathEscape(id), nil}
}

// CreateType registers a type of modules. To send it twice makes two.
func CreateType(t Type) Change {
	return Change{http.MethodPost, typePath, t}
}

// UpdateType replaces what is registered under that id by the type. The
// platform keeps nothing of its lists, such as its capabilities, so it must be
// whole.
func UpdateType(id string, t Type) Change {
	return Change{http.MethodPatch, typePath + "/" + url.PathEscape(id), t}
}

func (c Change) encode() ([]byte, error) {
	if c.Body == nil {
		return nil, nil
	}
	body, err := json.Marshal(c.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: write the body: %w", c.Method, c.Path, err)
	}
	return body, nil
}

// repeatable says whether to send it twice is as good as once.
func (c Change) repeatable() bool { return c.Method != http.MethodPost }

// settings are those in the body, if any.
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

// secrets are what of the body must not be shown.
func (c Change) secrets() []string {
	header := c.settings().AuthorizationHeader
	if header == "" {
		return nil
	}
	_, token, _ := strings.Cut(header, " ")
	return []string{header, token}
}

// Preview shows the request as it would be sent, without anything secret.
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
