// Package console reads from and writes to a terminal for all commands: prompts,
// progress, JSON, and texts that are safe to print.
package console

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/serverless-relay/relay/shared/text"
)

// Console has the streams of a command. The result goes to Out. Prompts, progress,
// warnings and errors go to Err.
type Console struct {
	In       io.Reader
	Out, Err io.Writer
}

// UsageError reports that a command was called in a wrong way.
type UsageError struct{ error }

// Usage returns err as a UsageError.
func Usage(err error) error { return UsageError{err} }

// Unwrap returns the error without its mark.
func (u UsageError) Unwrap() error { return u.error }

// Print prints a value as JSON, or the text about it for people.
func (c Console) Print(asJSON bool, value any, text string) error {
	if asJSON {
		return c.PrintJSON(value)
	}
	_, err := io.WriteString(c.Out, text)
	return err
}

// PrintJSON prints a value as indented JSON that is safe on a terminal.
func (c Console) PrintJSON(value any) error { return writeJSON(c.Out, value, "  ") }

// WriteJSONLine writes a value as one line of JSON that is safe on a terminal.
func WriteJSONLine(w io.Writer, value any) error { return writeJSON(w, value, "") }

func writeJSON(w io.Writer, value any, indent string) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(text.EscapeJSON(b.Bytes()))
	return err
}
