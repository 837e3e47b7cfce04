package main

import "github.com/serverless-relay/relay/cmd/relay/internal/oneline"

// printable makes a text of somebody else's fit for a line on a terminal.
func printable(text string) string { return oneline.Of(text) }
