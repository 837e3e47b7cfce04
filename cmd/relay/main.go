// Command relay is the developer's tool: it serves a relay on this machine and
// keeps its watchlist. `relay --help` tells more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/serverless-relay/relay/shared/relay"
)

// The exit codes. A wrong command line has kong's own code, 80; it is mapped
// to usage.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands are the commands and their flags.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve all routes on this machine."`
	Watchlist watchlistCommand `cmd:"" help:"Look at the watchlist and change it."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
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
		fmt.Fprintf(c.err, "relay: %v\nrelay --help tells how it is used.\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			fmt.Fprintln(c.err, "relay: interrupted")
			return exitInterrupted
		}
		fmt.Fprintln(c.err, "relay:", err)
		return exitFailed
	}
	return 0
}
