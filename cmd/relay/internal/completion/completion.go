// Package completion completes the command line of relay in bash, zsh and fish.
//
// The known libraries for kong need a parser of their own and three more modules,
// which is more code than this.
package completion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/serverless-relay/relay/shared/console"
)

// Command is `relay completion`.
type Command struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish." placeholder:"SHELL"`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Prints a script that completes commands, flags and their values. To load it in each new shell:

  echo 'source <(relay completion bash)' >> ~/.bashrc
  echo 'source <(relay completion zsh)' >> ~/.zshrc
  relay completion fish > ~/.config/fish/completions/relay.fish`
}

// Run prints the script.
func (k *Command) Run(c console.Console) error {
	_, err := fmt.Fprint(c.Out, scripts[k.Shell])
	return err
}

// scripts are the scripts of the shells. They run the hidden command __complete with
// the words typed so far, and complete file names if it prints nothing.
var scripts = map[string]string{
	"bash": `_relay() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _relay relay
`,
	"zsh": `#compdef relay
_relay() {
  local -a found
  found=(${(f)"$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _relay relay
`,
	"fish": `function __relay_complete
  set -l line (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($line[1] __complete -- $line[2..-1] "$current" 2>/dev/null)
  if count $found >/dev/null
    printf '%s\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c relay -f -a '(__relay_complete)'
`,
}

// Words is `relay __complete`, which the scripts run.
type Words struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints the completions of the last word, one on each line.
func (w *Words) Run(app *kong.Application, c console.Console) error {
	words := w.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) > 1 && words[0] == "help" { // followed by a command
		words = words[1:]
	}
	if len(words) == 0 {
		return nil
	}
	last := len(words) - 1
	for _, candidate := range candidates(app.Node, words[:last], words[last]) {
		if strings.HasPrefix(candidate, words[last]) {
			if _, err := fmt.Fprintln(c.Out, candidate); err != nil {
				return err
			}
		}
	}
	return nil
}

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
