package relay

import (
	"context"
	"errors"
	"fmt"
)

// Code says what went wrong, in the words that the platform knows.
type Code string

// The codes that the platform knows. It shows the message to the analyst and
// uses the code to decide what to do next.
const (
	CodeAuthorization      Code = "authorization error"
	CodeInvalidArgument    Code = "invalid argument"
	CodePermissionDenied   Code = "permission denied"
	CodeNotFound           Code = "not found"
	CodeTooManyRequests    Code = "too many requests"
	CodeTimeout            Code = "timeout"
	CodeConnection         Code = "connection error"
	CodeServiceUnavailable Code = "service unavailable"
	CodeInternal           Code = "internal error"
	CodeHealthCheck        Code = "health check failed"
	CodeUnknown            Code = "unknown"
)

// ErrorType says how much of the answer an error cost.
type ErrorType string

const (
	// Fatal: the request was not answered at all.
	Fatal ErrorType = "fatal"
	// Failed: a part of the request was not answered, the rest stands.
	Failed ErrorType = "error"
	// Warning: the answer is right, but not all that there is.
	Warning ErrorType = "warning"
)

// Error is an error as the platform reads it. Its message is shown to people
// and must say what to do; it never holds a credential. The cause, if any, is
// only for errors.Is and errors.As. What the log should tell beyond the message
// is wrapped around it: fmt.Errorf("%w: %v", e, detail).
type Error struct {
	Type    ErrorType `json:"type"`
	Code    Code      `json:"code"`
	Message string    `json:"message"`

	cause error
}

// Errorf makes an Error with a code and a message. As with fmt.Errorf, %w
// keeps the cause. The type is left for the relay, which knows whether the
// rest of the request was answered.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// Error implements the error interface.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// asError turns any error into one for the platform. An error that nobody
// gave a code is "unknown" and its text stays inside: it may hold anything.
func asError(err error, severity ErrorType) Error {
	var known *Error
	switch {
	case errors.As(err, &known):
		out := Error{Type: severity, Code: known.Code, Message: known.Message}
		if known.Type != "" {
			out.Type = known.Type
		}
		return out
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Error{Type: severity, Code: CodeTimeout, Message: "The answer was not ready in time. Ask again."}
	default:
		return Error{Type: severity, Code: CodeUnknown, Message: "Something unexpected happened. The relay's log has the details."}
	}
}
