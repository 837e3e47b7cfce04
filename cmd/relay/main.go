// Command relay is the developer's tool. It serves a relay on this machine, tests
// and registers relays, makes their tokens, and edits the watchlist. See
// `relay --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	// A container image without an operating system has no certificate authorities. These
	// are Mozilla's. They count only if the system has none of its own.
	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/serverless-relay/relay/cmd/relay/internal/askcmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/cmd/relay/internal/completion"
	"github.com/serverless-relay/relay/cmd/relay/internal/jwtcmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/modulecmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/newcmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/cmd/relay/internal/providerscmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/serve"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// The exit codes except 0.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands are the commands and their flags.
type commands struct {
	Serve      serve.Command        `cmd:"" help:"Serve all routes on this machine."`
	Ask        askcmd.Command       `cmd:"" help:"Ask a relay about the observables in a text."`
	New        newcmd.Command       `cmd:"" help:"Write a new provider."`
	Providers  providerscmd.Command `cmd:"" help:"List the providers, or choose the default."`
	Check      check.Command        `cmd:"" help:"Test a live relay."`
	Module     modulecmd.Command    `cmd:"" help:"Register the relay with Cisco XDR."`
	JWT        jwtcmd.Command       `cmd:"" name:"jwt" help:"Make the token for a module, or inspect one."`
	Completion completion.Command   `cmd:"" help:"Print a script that completes commands in your shell."`
	Version    versionCommand       `cmd:"" help:"Print the version."`
	Help       helpCommand          `cmd:"" help:"Show the help of a command."`
	Complete   completion.Words     `cmd:"" name:"__complete" hidden:""`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

func main() {
	os.Exit(run(untilInterrupted(), os.Args[1:], console.Console{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, providers.Find))
}

// untilInterrupted returns a context that ends with the first signal to stop. A
// signal that comes more than a second later ends the process. Within a second, it
// may be the same Ctrl-C: the terminal sends it, and so may the parent process.
func untilInterrupted() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) })
	return ctx
}

// run runs the command that the arguments name, and returns the exit code. find
// finds providers by name.
func run(ctx context.Context, args []string, c console.Console, find project.FindProvider) int {
	exited := -1
	extensions := extensions()
	options := []kong.Option{
		kong.Name("relay"),
		kong.Description("A relay connects threat intelligence to Cisco XDR: it answers XDR's requests about observables.\n\nStart with `relay serve`, which prints a request to try."),
		kong.Vars{"version": "relay " + relay.Version},
		kong.Writers(c.Out, c.Err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c, find, extensions),
		kong.BindToProvider(project.Current),
	}
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		options = append(options, kong.DynamicCommand(name, extensions[name].Summary(), "", extensions[name]))
	}
	parser, err := kong.New(new(commands), options...)
	if err != nil {
		fmt.Fprintln(c.Err, "relay:", err)
		return exitFailed
	}
	command, err := parser.Parse(askForHelp(args))
	if exited >= 0 { // the help or the version is printed
		return exited
	}
	if err != nil {
		return usage(c, command, err)
	}
	err = command.Run(parser.Model)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(c.Err, "relay: interrupted")
		return exitInterrupted
	case errors.As(err, new(console.UsageError)):
		return usage(c, command, err)
	}
	fmt.Fprintln(c.Err, "relay:", console.Printable(err.Error()))
	return exitFailed
}
