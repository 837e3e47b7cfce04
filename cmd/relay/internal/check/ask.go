package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/shared/ctim/rules"
)

const (
	// answerTime is how long a relay may take. The gateway in front of it hangs
	// up after 30 seconds, and the platform then has nothing.
	answerTime = 25 * time.Second
	// patience is how long an answer is waited for, to tell a slow one from
	// none.
	patience = 35 * time.Second
	// maxAnswer is how much of an answer is read, in bytes: Lambda sends no more
	// than 6 MB.
	maxAnswer = 8 << 20
	// throttled is how often a request is sent again that the gateway refused
	// because there were too many, and throttledPause how long to wait before.
	throttled      = 3
	throttledPause = 2 * time.Second
)

// newClient makes a client that follows no redirect: the token would go along.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// question is a request to the relay.
type question struct {
	path string
	// authorization is the header's value, and with says it for people. Without
	// a value the header is left out.
	authorization, with string
	body                string
	// real says that the relay must work for the answer: its time counts.
	real bool
}

// good is a question with the token that the relay accepts.
func (r *runner) good(path, body string) question {
	return question{path: path, authorization: "Bearer " + r.Token, with: "the token", body: body}
}

// real is a good question whose time counts.
func (r *runner) real(path, body string) question {
	q := r.good(path, body)
	q.real = true
	return q
}

// route is the path without the slash at its end.
func (q question) route() string { return strings.TrimSuffix(q.path, "/") }

// maxQuote is how much of a body is quoted, in characters.
const maxQuote = 300

// String says what is sent, without the token.
func (q question) String() string {
	text := "POST " + q.path + " with " + q.with
	if q.with == "" {
		text = "POST " + q.path + " without a token"
	}
	if q.body == "" {
		return text
	}
	return text + ": " + excerpt(q.body)
}

// excerpt is the beginning of a body.
func excerpt(body string) string { return console.Excerpt(body, maxQuote) }

// answer is what came back.
type answer struct {
	status      int
	contentType string
	body        []byte
	// value is the decoded body, if it is JSON; notJSON says why it isn't.
	value   any
	notJSON error
	took    time.Duration
	// err says that there is no answer.
	err error
}

// hidden is the answer without the secrets, before it is shortened: a part of
// one would not be known.
func (a answer) hidden(r redactor) answer {
	a.body = []byte(r.from(string(a.body)))
	return a
}

// String says what came, shortened.
func (a answer) String() string {
	if a.err != nil {
		return "no answer: " + a.err.Error()
	}
	return "HTTP " + strconv.Itoa(a.status) + ": " + excerpt(string(a.body))
}

// ask sends a question. One that the gateway refuses because there are too many
// is sent again after a while.
func (r *runner) ask(ctx context.Context, q question) answer {
	for tries := 0; ; tries++ {
		a := r.send(ctx, q)
		if a.err != nil || a.status != http.StatusTooManyRequests || tries == throttled {
			if q.real && a.err == nil && a.status == http.StatusOK {
				r.took[q.route()] = append(r.took[q.route()], a.took)
			}
			return a
		}
		select {
		case <-ctx.Done():
			return answer{err: ctx.Err()}
		case <-time.After(throttledPause << tries):
		}
	}
}

// send sends a question once.
func (r *runner) send(ctx context.Context, q question) answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+q.path, strings.NewReader(q.body))
	if err != nil {
		return answer{err: err}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if q.authorization != "" {
		request.Header.Set("Authorization", q.authorization)
	}
	start := time.Now()
	response, err := r.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // the method and the URL are known
		}
		return answer{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	a := answer{status: response.StatusCode, contentType: response.Header.Get("Content-Type"), body: body, took: time.Since(start)}
	switch {
	case err != nil:
		a.err = fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	case len(body) > maxAnswer:
		a.err = fmt.Errorf("the answer is larger than %d MB", maxAnswer>>20)
	default:
		a.notJSON = json.Unmarshal(body, &a.value)
	}
	return a
}

// problems are what is wrong with any answer, whatever was asked. status is
// the one that is expected; 0 means 200.
func (a answer) problems(status int) (problems []rules.Problem) {
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case a.err != nil:
		return problem("", "there is no answer: %v", a.err)
	case a.status == http.StatusTooManyRequests:
		return problem("", "the gateway refuses: too many requests. Raise the stage's throttling, or check again later")
	case a.status >= 300 && a.status < 400:
		return problem("", "HTTP status %d, a redirect: the platform follows none, nor does this check. Is the URL right, with https and the stage?", a.status)
	case a.status != status:
		return problem("", "HTTP status %d and not %d%s", a.status, status, hint(a.status))
	case status != http.StatusOK:
		return nil // a gateway's answer, in whatever form
	case a.notJSON != nil:
		return problem("", "the body is not JSON: %v", a.notJSON)
	case a.took > answerTime:
		problems = problem("", "it took %.1f s: the answer must come within %.0f", a.took.Seconds(), answerTime.Seconds())
	}
	if media, _, err := mime.ParseMediaType(a.contentType); err != nil || media != "application/json" {
		problems = append(problems, rules.Problem{Message: "Content-Type should be application/json, is " + quote(a.contentType), Warning: true})
	}
	return problems
}

// hint says what a status that isn't 200 mostly comes from.
func hint(status int) string {
	switch {
	case status >= 500:
		return ": the relay, or the gateway before it, failed on this"
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return ": a gateway refused it; a relay refuses with 200 and an error in the body"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return ": no such route"
	default:
		return ": a relay's errors have status 200, for the platform reads the body"
	}
}
