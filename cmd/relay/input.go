package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// standardInput is what a person knows "-" as.
const standardInput = "standard input"

// readInput reads a file, or standard input for "-", of at most so many bytes.
func readInput(ctx context.Context, name string, stdin io.Reader, most int) ([]byte, error) {
	input := openInput(ctx, name, stdin)
	defer func() { _ = input.Close() }()
	data, err := io.ReadAll(io.LimitReader(input, int64(most)+1))
	if name == "-" {
		name = standardInput
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(data) > most:
		return nil, fmt.Errorf("%s: more than %s bytes", name, thousands(most))
	}
	return data, nil
}

// openInput opens a file, or takes standard input for "-". Both may hang, a
// pipe for ever, so they are read aside and given up when the context ends.
func openInput(ctx context.Context, name string, stdin io.Reader) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		if name == "-" {
			_, err := io.Copy(writer, stdin)
			_ = writer.CloseWithError(err)
			return
		}
		_ = writer.CloseWithError(copyFile(writer, name))
	}()
	stop := context.AfterFunc(ctx, func() { _ = reader.CloseWithError(ctx.Err()) })
	return closer{reader, func() error { stop(); return reader.Close() }}
}

func copyFile(w io.Writer, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return cmp.Or(errors.Unwrap(err), err) // the report names the file
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return errors.New("it is a folder: name the files in it")
	}
	_, err = io.Copy(w, file)
	return err
}

// closer closes in a way of its own.
type closer struct {
	io.Reader
	close func() error
}

// Close implements io.Closer.
func (c closer) Close() error { return c.close() }
