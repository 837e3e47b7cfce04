package upstream

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StatusError is a response with a status other than 2xx. Do wraps it. A provider
// checks for it with errors.As if a status has a special meaning, such as a 404
// for "nothing is known".
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Body is the beginning of the body, up to 64 KB.
	Body []byte
	// RetryAfter is how long to wait before the next call; 0 if the third party sent
	// no valid Retry-After.
	RetryAfter time.Duration
}

// Error implements error. It doesn't quote the body.
func (e *StatusError) Error() string { return fmt.Sprintf("upstream: status %d", e.Status) }

// IsStatus reports whether err contains a StatusError with one of these statuses.
func IsStatus(err error, statuses ...int) bool {
	var status *StatusError
	return errors.As(err, &status) && slices.Contains(statuses, status.Status)
}

// retryAfter parses the header Retry-After: seconds or a date (RFC 9110, section
// 10.2.3). Some services write 12s for 12 seconds, or have another header. If it is
// invalid or in the past, the result is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(cmp.Or(header.Get("Retry-After"), header.Get("X-Rate-Limit-Reset-After")))
	if seconds, err := strconv.Atoi(strings.TrimSuffix(text, "s")); err == nil {
		const year = 365 * 24 * 60 * 60 // more would overflow a Duration
		return time.Duration(min(max(seconds, 0), year)) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil && date.After(now) {
		return date.Sub(now)
	}
	return 0
}
