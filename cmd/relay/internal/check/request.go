package check

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/call"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	// responseLimit is how long a relay may take: API Gateway gives up after 30
	// seconds.
	responseLimit = 25 * time.Second
	// throttleRetries is how often a throttled request is sent again, and
	// throttlePause is the first pause, which doubles each time.
	throttleRetries = 3
	throttlePause   = 2 * time.Second
	// maxQuote is how much of a body a report quotes, in characters.
	maxQuote = 300
)

// request is a request to the relay.
type request struct {
	path string
	// authorization is the value of the header. If it is empty, there is none.
	// credential describes it in the report.
	authorization, credential string
	body                      string
	// timed requests make the relay work, so their response times are reported.
	timed bool
}

// authorized returns a request with the accepted token.
func (r *runner) authorized(path, body string) request {
	return request{path: path, authorization: "Bearer " + r.Token, credential: "the token", body: body}
}

// timed returns a request with the accepted token whose response time is reported.
func (r *runner) timed(path, body string) request {
	q := r.authorized(path, body)
	q.timed = true
	return q
}

// route returns the path without the slash at its end.
func (q request) route() string { return strings.TrimSuffix(q.path, "/") }

// String describes the request without the token.
func (q request) String() string {
	text := "POST " + q.path + " without a token"
	if q.credential != "" {
		text = "POST " + q.path + " with " + q.credential
	}
	if q.body != "" {
		text += ": " + excerpt(q.body)
	}
	return text
}

// excerpt returns the beginning of a body.
func excerpt(body string) string { return console.Excerpt(body, maxQuote) }

// encode returns a value as JSON.
func encode(value any) string {
	raw, _ := json.Marshal(value) // all are strings, or decoded JSON
	return string(raw)
}

// response is a response of the relay.
type response struct {
	call.Response
	took time.Duration
	// err means that there is no response.
	err error
	// value is the decoded body. If it is not JSON, notJSON is the reason.
	value   any
	notJSON error
}

// describe returns the beginning of the response, without the token.
func (a response) describe(t token) string {
	if a.err != nil {
		return "no response: " + a.err.Error()
	}
	return "HTTP " + strconv.Itoa(a.Status) + ": " + excerpt(t.redact(string(a.Body)))
}

// data returns the data in the envelope. It is nil if there is none.
func (a response) data() any {
	members, _ := a.value.(map[string]any)
	return members["data"]
}

// errors returns the errors in the envelope that can be decoded.
func (a response) errors() []relay.Error {
	var body struct{ Errors []relay.Error }
	_ = json.Unmarshal(a.Body, &body) // the rules report the others
	return body.Errors
}

// send sends a request. It retries if the gateway throttles.
func (r *runner) send(ctx context.Context, q request) (a response) {
	for retry := 0; ; retry++ {
		start := time.Now()
		a.Response, a.err = call.Post(ctx, r.Transport, r.URL+q.path, q.authorization, q.body)
		a.took = time.Since(start)
		if a.err != nil || a.Status != http.StatusTooManyRequests || retry == throttleRetries {
			break
		}
		select {
		case <-ctx.Done():
			return response{err: ctx.Err()}
		case <-time.After(throttlePause << retry):
		}
	}
	if q.timed && a.err == nil && a.Status == http.StatusOK {
		r.times[q.route()] = append(r.times[q.route()], a.took)
	}
	a.notJSON = json.Unmarshal(a.Body, &a.value)
	return a
}

// problems returns what is wrong with the response whatever the request was, if
// its status must be the given one.
func (a response) problems(status int) (problems []rules.Problem) {
	switch {
	case a.err != nil:
		return problem("", "there is no response: %v", a.err)
	case a.Status == http.StatusTooManyRequests:
		return problem("", "the gateway throttles: raise the stage's limit, or check again later")
	case a.Status != status:
		return problem("", "HTTP status %d instead of %d: %s", a.Status, status, hint(a.Status))
	case status != http.StatusOK:
		return nil // the gateway's response, in any form
	case a.notJSON != nil:
		return problem("", "the body is not JSON: %v", a.notJSON)
	case a.took > responseLimit:
		problems = problem("", "it took %.1f s, and the gateway waits for 30: respond within %.0f s, with the data available by then", a.took.Seconds(), responseLimit.Seconds())
	}
	if media, _, err := mime.ParseMediaType(a.ContentType); err != nil || media != "application/json" {
		problems = append(problems, rules.Problem{Message: "Content-Type should be application/json, is " + quote(a.ContentType), Warning: true})
	}
	return problems
}

// hint returns the usual reason for an unexpected status.
func hint(status int) string {
	switch {
	case status >= 500:
		return "the relay, or the gateway in front of it, failed: see its log"
	case status >= 300 && status < 400:
		return "a redirect, which the platform doesn't follow. Use https, and include the stage in the URL"
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return "a gateway refused the request. A relay refuses with status 200 and an error in the body"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "the route doesn't exist for POST"
	default:
		return "a relay's errors have status 200, because the platform reads the body"
	}
}
