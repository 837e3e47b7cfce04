package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// helpCommand is `relay help`, which askForHelp replaces.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command, such as jwt inspect. Default: relay itself." placeholder:"COMMAND"`
}

// askForHelp returns the arguments that show a command's help, for `relay` without
// arguments and for `relay help COMMAND`. Other arguments stay as they are.
func askForHelp(args []string) []string {
	if len(args) > 0 && args[0] != "help" {
		return args
	}
	return append(slices.Clone(args[min(1, len(args)):]), "--help")
}

// usage prints an error in how a command was called, and which help explains it.
func usage(c console.Console, command *kong.Context, err error) int {
	var failed *kong.ParseError
	if errors.As(err, &failed) {
		command = failed.Context
	}
	name := "relay"
	if command != nil && command.Selected() != nil {
		name = command.Selected().FullPath()
	}
	text := strings.Replace(err.Error(), `one of "",`, "one of ", 1) // the default, which isn't a word to choose
	fmt.Fprintf(c.Err, "relay: %s\nFor help, run: %s --help\n", console.Printable(text), name)
	return exitUsage
}

// versionCommand is `relay version`.
type versionCommand struct {
	JSON bool `name:"json" help:"Print it as JSON."`
}

// Run prints the version.
func (v *versionCommand) Run(c console.Console) error {
	return c.Print(v.JSON, map[string]string{"version": relay.Version}, "relay "+relay.Version+"\n")
}
