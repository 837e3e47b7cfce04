// Package console is what all commands use to talk to a person: prompts,
// progress, and texts that are safe to print on a terminal.
package console

import (
	"encoding/json"
	"io"
)

// Console is where a command reads and writes. The result goes to Out. Prompts,
// progress, warnings and errors go to Err.
type Console struct {
	In       io.Reader
	Out, Err io.Writer
}

// UsageError is an error in how a command was called.
type UsageError struct{ error }

// Usage marks an error as one in how the command was called.
func Usage(err error) error { return UsageError{err} }

// Unwrap returns the error itself.
func (u UsageError) Unwrap() error { return u.error }

// PrintJSON prints a value as indented JSON.
func (c Console) PrintJSON(value any) error {
	encoder := json.NewEncoder(c.Out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
