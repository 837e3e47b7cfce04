package console

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// InputName returns the name of a file in messages: "standard input" for "-".
func InputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// ReadInput reads a file of at most limit bytes. The name "-" is standard input.
func (c Console) ReadInput(ctx context.Context, name string, limit int) ([]byte, error) {
	input := c.OpenInput(ctx, name)
	defer func() { _ = input.Close() }()
	data, err := io.ReadAll(io.LimitReader(input, int64(limit)+1))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%s: %w", InputName(name), err)
	case len(data) > limit:
		return nil, fmt.Errorf("%s: more than %s bytes", InputName(name), Thousands(limit))
	}
	return data, nil
}

// OpenInput opens a file. The name "-" is standard input. Reading a file may
// block, and reading a pipe may block for ever, so a goroutine reads it, and the
// reader fails when ctx ends.
func (c Console) OpenInput(ctx context.Context, name string) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(c.copyFile(writer, name)) }()
	context.AfterFunc(ctx, func() { _ = reader.CloseWithError(ctx.Err()) })
	return reader
}

func (c Console) copyFile(w io.Writer, name string) error {
	if name == "-" {
		_, err := io.Copy(w, c.In)
		return err
	}
	file, err := os.Open(name)
	if err != nil {
		return cmp.Or(errors.Unwrap(err), err) // without the name, which the caller adds
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return errors.New("it is a folder: name the files in it")
	}
	_, err = io.Copy(w, file)
	return err
}

// maxSecret is the size of the largest secret, in bytes.
const maxSecret = 1 << 20

// ReadSecret reads a secret from a file, or from standard input if the name is -. It
// has no space around it.
func (c Console) ReadSecret(ctx context.Context, name string) (string, error) {
	raw, err := c.ReadInput(ctx, name, maxSecret)
	return string(bytes.TrimSpace(raw)), err
}

// WithoutBearer returns a token without the name of the header and the word Bearer, with
// which it is often copied.
func WithoutBearer(token string) string {
	words := strings.Fields(token)
	for _, before := range []string{"Authorization:", "Bearer"} {
		if len(words) > 0 && strings.EqualFold(words[0], before) {
			words = words[1:]
		}
	}
	return strings.Join(words, " ")
}
