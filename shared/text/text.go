// Package text shortens texts and lists for messages.
package text

import (
	"fmt"
	"strings"
)

// Shorten returns the first n characters of s, with an ellipsis if there are more.
func Shorten(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}

// List returns the first n items, separated by commas, and the number of the others:
// "a, b, c and 2 more".
func List(items []string, n int) string {
	if len(items) <= n {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:n], ", "), len(items)-n)
}
