// Command relay is the developer's tool: it serves a relay on this machine,
// makes the folder of a new provider, tests live relays, registers them, makes
// their tokens, and keeps the watchlist. `relay --help` tells more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

// The exit codes, beside 0.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands are the commands and their flags.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve all routes on this machine."`
	New       newCommand       `cmd:"" help:"Write a new provider."`
	Providers providersCommand `cmd:"" help:"List the providers, or choose the one that is deployed."`
	Check     checkCommand     `cmd:"" help:"Test a live relay."`
	Module    moduleCommand    `cmd:"" help:"Register the relay with Cisco XDR."`
	Watchlist watchlistCommand `cmd:"" help:"Look at the watchlist and change it."` // with providers/watchlist
	JWT       jwtCommand       `cmd:"" name:"jwt" help:"Make the token for a module, or look into one."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// usageError is an error in how the command was called.
type usageError struct{ error }

// Unwrap gives the error itself.
func (u usageError) Unwrap() error { return u.error }

// console is where a command reads and writes, and finds providers by name.
type console struct {
	in       io.Reader
	out, err io.Writer
	find     func(name string) (relay.Provider, error)
}

func main() {
	os.Exit(run(untilInterrupted(), os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr, providers.Find}))
}

// untilInterrupted is a context that ends with the first signal to stop. One
// that comes later ends the process, for somebody who won't wait. Later means a
// second: of one press of Ctrl-C a process may hear twice, from the terminal and
// from the program that started it.
func untilInterrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		first := time.Now()
		cancel()
		for range signals {
			if time.Since(first) > time.Second {
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx
}

// run does what the arguments say and returns the exit code.
func run(ctx context.Context, args []string, c console) int {
	exited := -1
	var cmds commands
	parser, err := kong.New(&cmds,
		kong.Name("relay"),
		kong.Description("A relay connects threat intelligence to Cisco XDR: asked about observables, it answers in CTIM.\n\nStart with `relay serve`: it prints a question that you can paste."),
		kong.Vars{"version": "relay " + relay.Version},
		kong.Writers(c.out, c.err),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c),
	)
	if err != nil {
		fmt.Fprintln(c.err, "relay:", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // help or version was asked for, and printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(c.err, "relay: %s\nrelay --help tells how it is used.\n", printable(err.Error()))
		return exitUsage
	}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			fmt.Fprintln(c.err, "relay: interrupted")
			return exitInterrupted
		}
		fmt.Fprintln(c.err, "relay:", printable(err.Error()))
		var usage usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailed
	}
	return 0
}
