// Package completion completes the command line of relay in bash, zsh and fish.
package completion

import (
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
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
	_, err := fmt.Fprint(c.Out, scripts()[k.Shell])
	return err
}

// scripts returns the script for each shell. Each runs the hidden command
// __complete with the words that are typed so far, and completes file names if that
// prints nothing.
func scripts() map[string]string {
	return map[string]string{
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
  $line[1] __complete -- $line[2..-1] "$current" 2>/dev/null
end
complete -c relay -a '(__relay_complete)'
`,
	}
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
	for _, word := range complete(app.Node, words) {
		if _, err := fmt.Fprintln(c.Out, word); err != nil {
			return err
		}
	}
	return nil
}
