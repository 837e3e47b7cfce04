package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxTries is how often a request is sent, at most.
	maxTries = 4
	// firstPause is the time before the second try where the platform names
	// none; it doubles from try to try.
	firstPause = time.Second
	// maxPause is the longest pause that the platform may ask for. Where the
	// organisation has used up its requests it asks for up to an hour.
	maxPause = time.Minute
	// maxBody is how much of an answer is read, in bytes. A list of module types
	// holds their pictures.
	maxBody = 32 << 20
)

// request is a request to the API.
type request struct {
	method, path string
	query        url.Values
	body         []byte
	// form says that the body is a form and not JSON.
	form bool
	// repeatable says that to send it twice is as good as once.
	repeatable bool
	// secrets are texts of the body that must not get into an error.
	secrets []string
	// authorize puts the credentials into the header.
	authorize func(*http.Request)
}

// name is how errors name the request. The query is left out.
func (r request) name() string { return r.method + " " + r.path }

// call sends a request with a token. A token that is refused is replaced once.
func (c *Client) call(ctx context.Context, r request, into any) error {
	refused := ""
	for {
		token, err := c.bearer(ctx, refused)
		if err != nil {
			return err
		}
		r.authorize = func(hr *http.Request) { hr.Header.Set("Authorization", "Bearer "+token) }
		err = c.exchange(ctx, r, into)
		var failed *Error
		if refused == "" && errors.As(err, &failed) && failed.Status == http.StatusUnauthorized {
			refused = token
			continue
		}
		return err
	}
}

// exchange sends a request until there is an answer that another try wouldn't
// change, and decodes it.
func (c *Client) exchange(ctx context.Context, r request, into any) error {
	pause := firstPause
	for try := 1; ; try++ {
		a, err := c.send(ctx, r)
		if err == nil {
			if a.good(r) {
				return a.decode(r, into)
			}
			err = c.refusal(r, a)
		}
		wait, again := pauseAfter(r, a, err, pause)
		if !again || try == maxTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// pauseAfter says whether a request that failed may be sent again, and after
// how long. The answer is empty where there was none.
func pauseAfter(r request, a answer, err error, usual time.Duration) (wait time.Duration, again bool) {
	switch {
	case a.status == http.StatusTooManyRequests: // it was not carried out, whatever it is
		wait, named := a.retryAfter()
		if !named {
			wait = usual
		}
		return wait, wait <= maxPause
	case a.status >= 500:
		wait, named := a.retryAfter()
		if !named || wait > maxPause {
			wait = usual
		}
		return wait, r.repeatable
	case a.status == 0:
		return usual, !errors.Is(err, errTooLarge) && (r.repeatable || unsent(err))
	default:
		return 0, false
	}
}

// errTooLarge says that an answer is more than maxBody.
var errTooLarge = fmt.Errorf("the answer is larger than %d MB", maxBody>>20)

// unsent says whether a request can't have reached anybody.
func unsent(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

// answer is what came back, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request once. An error means that there is no whole answer.
func (c *Client) send(ctx context.Context, r request) (answer, error) {
	address := c.options.BaseURL + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	hr, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	hr.Header.Set("Accept", "application/json")
	switch {
	case r.form:
		hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case r.body != nil:
		hr.Header.Set("Content-Type", "application/json")
	}
	r.authorize(hr)
	response, err := c.http.Do(hr)
	if err != nil {
		return answer{}, r.unanswered(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return answer{}, r.unanswered(fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err))
	case len(body) > maxBody:
		return answer{}, fmt.Errorf("%s: %w", r.name(), errTooLarge)
	}
	return answer{response.StatusCode, response.Header, body}, nil
}

// unanswered is the error for a request without an answer.
func (r request) unanswered(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // the method and the URL are named anyway
	}
	if !r.repeatable && !unsent(err) {
		return fmt.Errorf("%s: %w: %w", r.name(), err, ErrUncertain)
	}
	return fmt.Errorf("%s: %w", r.name(), err)
}

// good says whether what was asked for is so now. What should be removed and
// isn't there is.
func (a answer) good(r request) bool {
	return a.status >= 200 && a.status < 300 || r.method == http.MethodDelete && a.status == http.StatusNotFound
}

// decode reads the answer's body. Whoever wants none gets none.
func (a answer) decode(r request, into any) error {
	if into == nil {
		return nil
	}
	err := json.Unmarshal(a.body, into)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	switch {
	case a.isWebPage():
		err = errors.New("the answer is a web page and not JSON. Is the host right, and is there a proxy on the way?")
	case len(a.body) == 0:
		err = errors.New("the answer is empty")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(a.body)):
		err = fmt.Errorf("the answer is cut off after %d bytes", len(a.body))
	case errors.As(err, &syntax):
		err = fmt.Errorf("the answer is not JSON, from byte %d on", syntax.Offset)
	default:
		err = errors.New("the answer is JSON of another form than documented")
	}
	if !r.repeatable {
		return fmt.Errorf("%s: %w: %w", r.name(), err, ErrUncertain)
	}
	return fmt.Errorf("%s: %w", r.name(), err)
}

// isWebPage says whether the body is HTML.
func (a answer) isWebPage() bool {
	return strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// retryAfter is how long the platform wants to be left alone: a number of
// seconds, also with an s as its documentation shows, or a date.
func (a answer) retryAfter() (wait time.Duration, named bool) {
	text := strings.TrimSpace(a.header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(strings.TrimSuffix(text, "s"), 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(time.Until(date), 0), true
	}
	return 0, false
}
