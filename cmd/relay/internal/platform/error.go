package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
)

// ErrUncertain says that a change may have been made although there is no
// answer that says so.
var ErrUncertain = errors.New("it is not known whether that was done; relay module list tells")

// Error is a refusal of the platform.
type Error struct {
	// Request is what was refused, such as "GET /iroh/iroh-int/module-type".
	Request string
	// Status is the HTTP status.
	Status int
	// Says is what the platform says about it, shortened, and without the
	// request's credentials. It may be empty.
	Says string
	// Advice is what to do about it.
	Advice string
}

// Error implements the error interface.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: HTTP status %d", e.Request, e.Status)
	if e.Says != "" {
		text += ", " + e.Says
	}
	if e.Advice != "" {
		text += ". " + e.Advice
	}
	return text
}

// refusal is the error for an answer that isn't good.
func (c *Client) refusal(r request, a answer) error {
	secrets := append([]string{c.options.Password}, r.secrets...)
	hr := &http.Request{Header: http.Header{}}
	r.authorize(hr)
	if _, credentials, ok := strings.Cut(hr.Header.Get("Authorization"), " "); ok {
		secrets = append(secrets, credentials)
	}
	err := &Error{Request: r.name(), Status: a.status, Says: a.says(secrets), Advice: a.advice()}
	if !r.repeatable && a.status >= 500 {
		return fmt.Errorf("%w: %w", err, ErrUncertain)
	}
	return err
}

// maxSays is how much of what the platform says is repeated, in characters.
const maxSays = 300

// says is what the body tells about an error, without the secrets.
func (a answer) says(secrets []string) string {
	var body struct {
		Description string `json:"error_description"`
		Message     string `json:"message"`
		Error       any    `json:"error"`
		TraceID     string `json:"trace_id"`
	}
	text := ""
	switch {
	case a.isWebPage():
		return "with a web page: is there a proxy on the way?"
	case json.Unmarshal(a.body, &body) != nil:
		text = string(a.body)
	default:
		word, _ := body.Error.(string)
		for _, part := range []string{body.Description, body.Message, word} {
			if text == "" {
				text = part
			}
		}
		if body.TraceID != "" {
			text += " (trace id " + body.TraceID + ")"
		}
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return strings.TrimSuffix(console.Excerpt(text, maxSays), ".")
}

// advice is what to do about an answer that isn't good.
func (a answer) advice() string {
	switch {
	case a.status >= 300 && a.status < 400:
		return "That is a redirect, and credentials are not sent after it. Is the host right?"
	case a.status == http.StatusUnauthorized:
		return "The platform doesn't take the token that it gave. Is the clock right?"
	case a.status == http.StatusForbidden:
		return "The API client needs the scope \"integration\": make one that has it, under Administration, API Clients"
	case a.status == http.StatusNotFound:
		return "There is no such thing, or the client may not see it: relay module list tells what there is"
	case a.status == http.StatusConflict:
		return "Something of that name is there already, or was changed at the same time: relay module list tells what there is"
	case a.status == http.StatusTooManyRequests:
		if wait, named := a.retryAfter(); named && wait > 0 {
			return "The organisation has used up its requests (8,000 in an hour). The platform wants no more for " + wait.Round(time.Second).String()
		}
		return "The organisation has used up its requests (8,000 in an hour). Try later"
	case a.status >= 500:
		return "The platform failed on this. Try again later"
	default:
		return ""
	}
}

// explainToken tells what a refusal of the client's credentials comes from.
func explainToken(err error) error {
	var refused *Error
	if errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusBadRequest || refused.Status == http.StatusForbidden) {
		refused.Advice = "The client id or the password is wrong, or the client belongs to another region"
	}
	return err
}
