package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Change is a request that changes something on the platform. It may contain a
// relay's token: show its Preview instead.
type Change struct {
	upstream.Request
	// header is the Authorization header in the body, if any.
	header string
}

// CreateInstance registers a module. Sending it twice registers two.
func CreateInstance(i Instance) Change {
	return Change{upstream.Request{Method: http.MethodPost, Path: instancePath, Body: i}, i.Settings.AuthorizationHeader}
}

// UpdateInstance changes the module with an id.
func UpdateInstance(id string, p InstancePatch) Change {
	c := Change{Request: upstream.Request{Method: http.MethodPatch, Path: at(instancePath, id), Body: p, Repeatable: true}}
	if p.Settings != nil {
		c.header = p.Settings.AuthorizationHeader
	}
	return c
}

// DeleteInstance removes the module with an id. It is no error if there is none.
func DeleteInstance(id string) Change {
	return Change{Request: upstream.Request{Method: http.MethodDelete, Path: at(instancePath, id), Repeatable: true}}
}

// CreateType registers a type of modules. Sending it twice registers two.
func CreateType(t Type) Change {
	return Change{Request: upstream.Request{Method: http.MethodPost, Path: typePath, Body: t}}
}

// UpdateType replaces the type with an id. It must be complete: the platform
// replaces its lists, such as its capabilities.
func UpdateType(id string, t Type) Change {
	return Change{Request: upstream.Request{Method: http.MethodPatch, Path: at(typePath, id), Body: t, Repeatable: true}}
}

// at returns the path of the item with an id.
func at(path, id string) string { return path + "/" + url.PathEscape(id) }

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
func (c Change) Preview(baseURL string) Preview {
	p := Preview{Method: c.Method, URL: baseURL + c.Path}
	if c.Body != nil {
		body, _ := json.MarshalIndent(c.Body, "", "  ") // never fails for an instance or a type
		p.Body = json.RawMessage(c.redact(string(body)))
	}
	return p
}

// String returns the text of the request.
func (p Preview) String() string {
	text := fmt.Sprintf("%s %s\nAuthorization: Bearer [redacted]\nAccept: application/json\n", p.Method, p.URL)
	if p.Body != nil {
		text += fmt.Sprintf("Content-Type: application/json\n\n%s\n", p.Body)
	}
	return text
}
