// Package jwtcmd is `relay jwt`: it makes tokens and inspects them.
package jwtcmd

// Command is `relay jwt`.
type Command struct {
	Sign    signCommand    `cmd:"" default:"withargs" help:"Make a token for a stage. The word sign can be omitted."`
	Inspect inspectCommand `cmd:"" help:"Show what a token contains, except its credentials."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `A token contains the credentials for the third party, signed with the relay's SECRET_KEY. XDR sends it
with each request.

  relay jwt dev --save
  relay jwt dev -f credentials.json --expires 90d
  relay jwt dev --rotate --save
  relay jwt inspect < token.txt

See also relay jwt sign --help and relay jwt inspect --help.`
}
