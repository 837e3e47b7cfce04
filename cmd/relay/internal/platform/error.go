package platform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/upstream"
)

// ErrUncertain means that a change may have been made, although no response
// confirms it.
var ErrUncertain = errors.New("it is not known whether the change was made: check with relay module list")

// Error is an error that the platform returned.
type Error struct {
	// Request is the method and path, such as "GET /iroh/iroh-int/module-type".
	Request string
	// Status is the HTTP status.
	Status int
	// Message is the platform's own text, shortened, without the request's
	// credentials. It may be empty.
	Message string
	// Advice is what to do about it. It may be empty.
	Advice string
}

// Error implements the error interface.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: HTTP status %d", e.Request, e.Status)
	if e.Message != "" {
		text += ", " + e.Message
	}
	if e.Advice != "" {
		text += ". " + e.Advice
	}
	return text
}

// explain returns the error for a request that failed with err, without anything
// secret. It wraps ErrUncertain if the request may have been executed.
func explain(err error, change Change, password string) error {
	if err == nil {
		return nil
	}
	request := change.Method + " " + change.Path
	var status *upstream.StatusError
	if errors.As(err, &status) {
		err = &Error{request, status.Status, message(status.Body, append(change.secrets(), password)), advice(status)}
	} else {
		err = fmt.Errorf("%s: %w", request, err)
	}
	if !change.repeatable() && (status == nil || status.Status >= 500) && !isUnsent(err) {
		return fmt.Errorf("%w (%w)", err, ErrUncertain)
	}
	return err
}

// isUnsent reports whether a request can't have reached the platform.
func isUnsent(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

// maxMessage is the length of the longest Message, in characters.
const maxMessage = 300

// message returns the platform's message in the body of an error, without the
// secrets.
func message(body []byte, secrets []string) string {
	var fields struct {
		Description string `json:"error_description"`
		Message     string `json:"message"`
		Error       any    `json:"error"`
		TraceID     string `json:"trace_id"`
	}
	text := string(body)
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return "with a web page: is there a proxy between here and the platform?"
	case json.Unmarshal(body, &fields) == nil:
		word, _ := fields.Error.(string)
		text = cmp.Or(fields.Description, fields.Message, word)
		if fields.TraceID != "" {
			text += " (trace id " + fields.TraceID + ")"
		}
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return strings.TrimSuffix(console.Excerpt(text, maxMessage), ".")
}

// advice returns what to do about a status.
func advice(e *upstream.StatusError) string {
	switch {
	case e.Status >= 300 && e.Status < 400:
		return "Credentials are not sent after a redirect. Is the host right?"
	case e.Status == http.StatusUnauthorized:
		return "The client id or the password is wrong, or the client belongs to another region"
	case e.Status == http.StatusForbidden:
		return "The API client needs the scope \"integration\": create one that has it, under Administration, API Clients"
	case e.Status == http.StatusNotFound:
		return "It doesn't exist, or the client may not see it: relay module list shows what exists"
	case e.Status == http.StatusConflict:
		return "Something with that name exists already, or was changed at the same time: relay module list shows what exists"
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return "The organisation has used up its requests (8,000 in an hour). Try again in " + e.RetryAfter.Round(time.Second).String()
	case e.Status == http.StatusTooManyRequests:
		return "The organisation has used up its requests (8,000 in an hour). Try again later"
	case e.Status >= 500:
		return "The platform failed. Try again later"
	default:
		return ""
	}
}
