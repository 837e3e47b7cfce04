package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/redact"
)

// Change is a request that changes something on the platform. It may contain a
// relay's token: show its Preview instead.
type Change struct {
	method string
	// path is the path of the API.
	path string
	// body is sent as JSON. Nil is no body.
	body any
	// header is the Authorization header in the body, if any.
	header string
}

// CreateInstance registers a module. Sending it twice registers two.
func CreateInstance(i Instance) Change {
	return Change{http.MethodPost, instancePath, i, i.Settings.AuthorizationHeader}
}

// UpdateInstance changes the module with an id.
func UpdateInstance(id string, p InstancePatch) Change {
	c := Change{method: http.MethodPatch, path: instancePath + "/" + url.PathEscape(id), body: p}
	if p.Settings != nil {
		c.header = p.Settings.AuthorizationHeader
	}
	return c
}

// DeleteInstance removes the module with an id. It is no error if there is none.
func DeleteInstance(id string) Change {
	return Change{method: http.MethodDelete, path: instancePath + "/" + url.PathEscape(id)}
}

// CreateType registers a type of modules. Sending it twice registers two.
func CreateType(t Type) Change {
	return Change{method: http.MethodPost, path: typePath, body: t}
}

// UpdateType replaces the type with an id. It must be complete: the platform
// replaces its lists, such as its capabilities.
func UpdateType(id string, t Type) Change {
	return Change{method: http.MethodPatch, path: typePath + "/" + url.PathEscape(id), body: t}
}

// repeatable reports whether sending it twice has the same result as once.
func (c Change) repeatable() bool { return c.method != http.MethodPost }

// redact returns a text without the token in the body, and without other secrets.
func (c Change) redact(text string, secrets ...string) string {
	return redact.New(append(secrets, strings.TrimPrefix(c.header, "Bearer "))...).Text(text)
}

// Preview is a request as it can be shown: without anything secret.
type Preview struct {
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body,omitempty"`
}

// Preview returns the request to an API with a base URL.
func (c Change) Preview(baseURL string) (Preview, error) {
	p := Preview{Method: c.method, URL: baseURL + c.path}
	if c.body == nil {
		return p, nil
	}
	body, err := json.MarshalIndent(c.body, "", "  ")
	if err != nil {
		return Preview{}, fmt.Errorf("%s %s: write the body: %w", c.method, c.path, err)
	}
	p.Body = json.RawMessage(c.redact(string(body)))
	return p, nil
}

// String returns the text of the request.
func (p Preview) String() string {
	text := fmt.Sprintf("%s %s\nAuthorization: Bearer [redacted]\nAccept: application/json\n", p.Method, p.URL)
	if p.Body != nil {
		text += fmt.Sprintf("Content-Type: application/json\n\n%s\n", p.Body)
	}
	return text
}
