package platform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/upstream"
)

// ErrUncertain means that a change may have been made, although no response
// confirms it. The commands check what exists first, so running one again is safe.
var ErrUncertain = errors.New("it is not known whether the change was made. It is safe to run the same command again")

// explain returns the error for a request that failed with err: the platform's
// message, and what to do. It contains nothing secret. It wraps ErrUncertain if the
// change may have been made.
func explain(err error, change Change, password string) error {
	if err == nil {
		return nil
	}
	var failed *net.OpError // the request can't have reached the platform if it failed to dial
	uncertain := !change.Repeatable && !(errors.As(err, &failed) && failed.Op == "dial")
	var status *upstream.StatusError
	if errors.As(err, &status) {
		text := fmt.Sprintf("HTTP status %d", status.Status)
		if message := change.redact(message(status.Body), password); message != "" {
			text += ", " + strings.TrimSuffix(console.Excerpt(message, maxMessage), ".")
		}
		if advice := advise(status); advice != "" {
			text += ". " + advice
		}
		err = errors.New(text)
		uncertain = uncertain && status.Status >= 500
	}
	err = fmt.Errorf("%s %s: %w", change.Method, change.Path, err)
	if uncertain {
		return fmt.Errorf("%w (%w)", err, ErrUncertain)
	}
	return err
}

// maxMessage is how much of the platform's message is shown, in characters.
const maxMessage = 300

// message returns the platform's message in the body of an error.
func message(body []byte) string {
	var fields struct {
		Description string `json:"error_description"`
		Message     string `json:"message"`
		Error       any    `json:"error"`
		TraceID     string `json:"trace_id"`
	}
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return "with a web page, probably of a proxy between here and the platform"
	case json.Unmarshal(body, &fields) != nil:
		return string(body)
	}
	word, _ := fields.Error.(string)
	text := cmp.Or(fields.Description, fields.Message, word)
	if fields.TraceID != "" {
		text += " (trace id " + fields.TraceID + ")"
	}
	return text
}

// advise returns what to do about an error. It may be empty.
func advise(e *upstream.StatusError) string {
	switch {
	case e.Status == 401:
		return "The client id or the password is wrong, or the client belongs to another region"
	case e.Status == 403:
		return `The API client needs the scope "integration": create one that has it, under Administration, API Clients`
	case e.Status == 404:
		return "It doesn't exist, or the client may not see it: relay module list shows what exists"
	case e.Status == 409:
		return "Something with that name exists already, or was changed at the same time: relay module list shows what exists"
	case e.Status == 429:
		later := "later"
		if e.RetryAfter > 0 {
			later = "in " + e.RetryAfter.Round(time.Second).String()
		}
		return "The organisation has used up its requests (8,000 in an hour). Try again " + later
	case e.Status >= 500:
		return "The platform failed. Try again later"
	case e.Status >= 300 && e.Status < 400:
		return "Credentials are not sent after a redirect. Check --host"
	}
	return ""
}
