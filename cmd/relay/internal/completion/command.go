// Package completion completes the command line of relay in bash, zsh and fish.
//
// The known libraries for kong need a parser of their own and three more modules,
// which is more code than this.
package completion

import (
	"fmt"
	"strings"

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
