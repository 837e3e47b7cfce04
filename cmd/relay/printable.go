package main

import (
	"strings"
	"unicode"
)

// printable makes a text of somebody else's fit for a line on a terminal: in it
// there may be line ends, colours, and other orders to the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
