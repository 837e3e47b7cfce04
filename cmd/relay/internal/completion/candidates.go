package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// candidates returns what can follow the words before the last one. The last one may
// be the beginning of a flag.
func candidates(node *kong.Node, before []string, last string) (found []string) {
	var value *kong.Flag // the flag whose value follows
	for _, word := range before {
		switch {
		case value != nil:
			value = nil
		case strings.HasPrefix(word, "-"):
			value = findFlag(node, word)
		default:
			node = findCommand(node, word)
		}
	}
	switch {
	case value != nil:
		return enum(value.Value)
	case strings.HasPrefix(last, "-"):
		for _, flag := range flagsOf(node) {
			found = append(found, "--"+flag.Name)
		}
		return found
	}
	for _, child := range node.Children {
		if !child.Hidden {
			found = append(found, child.Name)
		}
	}
	for _, argument := range node.Positional {
		found = append(found, enum(argument)...)
	}
	return found
}

// flagsOf returns the flags of a command, of its default command, and of the
// commands above it, except hidden ones.
func flagsOf(node *kong.Node) []*kong.Flag {
	if node.DefaultCmd != nil {
		node = node.DefaultCmd
	}
	return slices.Concat(node.AllFlags(true)...)
}

// findFlag returns the flag of a word such as --jwt or -f, if its value is the next
// word. Otherwise it returns nil.
func findFlag(node *kong.Node, word string) *kong.Flag {
	for _, flag := range flagsOf(node) {
		if (word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short)) && !flag.IsBool() {
			return flag
		}
	}
	return nil
}

// findCommand returns the command of a word, or node itself if the word is an
// argument.
func findCommand(node *kong.Node, word string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == word || slices.Contains(child.Aliases, word) {
			return child
		}
	}
	return node
}

// enum returns the values that a flag or argument accepts. It is empty if any value
// may be valid.
func enum(value *kong.Value) []string {
	return strings.FieldsFunc(value.Enum, func(r rune) bool { return r == ',' })
}
