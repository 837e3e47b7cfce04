package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StatusError is an answer whose status is not one of success. Do wraps it, so
// that a provider can find it by errors.As where a status means something of
// its own: a 404 that says "nothing is known".
type StatusError struct {
	// Status is the HTTP status.
	Status int
	// Body is the beginning of what came with it, up to 64 KB.
	Body []byte
	// RetryAfter is how long the third party wants to be left alone; 0 where it
	// doesn't say.
	RetryAfter time.Duration
}

// Error implements error. It doesn't quote the body.
func (e *StatusError) Error() string { return fmt.Sprintf("upstream: status %d", e.Status) }

// IsStatus reports whether err came of an answer with one of these statuses.
func IsStatus(err error, statuses ...int) bool {
	var status *StatusError
	return errors.As(err, &status) && slices.Contains(statuses, status.Status)
}

// retryAfter reads the header Retry-After: seconds, or a date (RFC 9110,
// section 10.2.3). What can't be read, or lies in the past, is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil {
		const year = 365 * 24 * 60 * 60 // more would overflow a Duration
		return time.Duration(min(max(seconds, 0), year)) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil && date.After(now) {
		return date.Sub(now)
	}
	return 0
}
