package main

import (
	"context"
	"io"

	terminal "github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/shared/relay"
)

// console is terminal.Console for the watchlist's commands, which are still in
// this package.
type console struct {
	in       io.Reader
	out, err io.Writer
	find     func(name string) (relay.Provider, error)
}

type span = flags.Span

func plural(n int, one, many string) string { return terminal.Plural(n, one, many) }

func thousands(n int) string { return terminal.Thousands(n) }

func printable(text string) string { return terminal.Printable(text) }

func isTerminal(stream any) bool { return terminal.IsTerminal(stream) }

func openInput(ctx context.Context, name string, stdin io.Reader) io.ReadCloser {
	return terminal.Console{In: stdin}.OpenInput(ctx, name)
}

func bearer(token string) string { return flags.TrimBearer(token) }

func readSecret(ctx context.Context, c console, name string) (string, error) {
	return flags.ReadSecret(ctx, c.terminal(), name)
}

func (c console) askHidden(ctx context.Context, prompt string, optional bool) (string, error) {
	return c.terminal().AskHidden(ctx, prompt, optional)
}

func (c console) terminal() terminal.Console {
	return terminal.Console{In: c.in, Out: c.out, Err: c.err}
}
