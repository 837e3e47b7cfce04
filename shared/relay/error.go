package relay

import (
	"errors"
	"fmt"
)

// Code classifies an error.
type Code string

// The codes that the platform knows.
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

// Codes returns the codes that the platform knows.
func Codes() []Code {
	return []Code{
		CodeAuthorization, CodeInvalidArgument, CodePermissionDenied, CodeNotFound, CodeTooManyRequests, CodeTimeout,
		CodeConnection, CodeServiceUnavailable, CodeInternal, CodeHealthCheck, CodeUnknown,
	}
}

// ErrorType is the severity of an error.
type ErrorType string

// The severities.
const (
	// Fatal: nothing was answered.
	Fatal ErrorType = "fatal"
	// Failed: a part of the request was not answered; the rest is valid.
	Failed ErrorType = "error"
	// Warning: the answer is valid but incomplete.
	Warning ErrorType = "warning"
)

// Error is an error that the platform shows to people. Its message says what
// to do and never contains a credential. Details that only the log needs are
// wrapped around it: fmt.Errorf("%w: %v", e, detail).
type Error struct {
	Type    ErrorType `json:"type"`
	Code    Code      `json:"code"`
	Message string    `json:"message"`

	cause error
}

// Errorf returns an Error with a code and a message. As with fmt.Errorf, %w
// wraps a cause. The relay sets the type, since it knows whether the rest of the
// request was answered.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
}

// Error implements the error interface.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Warningf returns an Error of type Warning: the answer is valid but incomplete.
func Warningf(code Code, format string, args ...any) *Error {
	warning := Errorf(code, format, args...)
	warning.Type = Warning
	return warning
}
