package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// complete returns what the last word can become. The words before it are
// complete.
func complete(node *kong.Node, words []string) []string {
	if len(words) == 0 {
		return nil
	}
	last := words[len(words)-1]
	var value *kong.Flag // the flag whose value is next
	for _, word := range words[:len(words)-1] {
		if value != nil {
			value = nil
			continue
		}
		if strings.HasPrefix(word, "-") {
			if flag := findFlag(node, word); flag != nil && !flag.IsBool() {
				value = flag
			}
			continue
		}
		if child := findCommand(node, word); child != nil {
			node = child
		}
	}
	var candidates []string
	switch {
	case value != nil:
		candidates = enum(value.Value)
	case strings.HasPrefix(last, "-"):
		for _, flag := range flagsOf(node) {
			if !flag.Hidden {
				candidates = append(candidates, "--"+flag.Name)
			}
		}
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				candidates = append(candidates, child.Name)
			}
		}
		for _, argument := range node.Positional {
			candidates = append(candidates, enum(argument)...)
		}
	}
	return slices.DeleteFunc(candidates, func(c string) bool { return !strings.HasPrefix(c, last) })
}

// flagsOf returns the flags of a command, of its default command, and of the
// commands above it.
func flagsOf(node *kong.Node) []*kong.Flag {
	flags := slices.Clone(node.Flags)
	if node.DefaultCmd != nil {
		flags = append(flags, node.DefaultCmd.Flags...)
	}
	for above := node.Parent; above != nil; above = above.Parent {
		flags = append(flags, above.Flags...)
	}
	return flags
}

// findFlag returns the flag of a word such as --jwt or -f. It is nil if there is
// none, or if the word contains its value.
func findFlag(node *kong.Node, word string) *kong.Flag {
	for _, flag := range flagsOf(node) {
		if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}

func findCommand(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// enum returns the values that a flag or argument accepts. It is empty if any
// value may be valid.
func enum(value *kong.Value) []string {
	return slices.DeleteFunc(strings.Split(value.Enum, ","), func(text string) bool { return text == "" })
}
