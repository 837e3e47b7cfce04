// Package askcmd is `relay ask`: it asks a relay about the observables in a text.
package askcmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
)

// Command is `relay ask`.
type Command struct {
	What  []string       `arg:"" help:"Files with text, - for standard input, or values." placeholder:"FILE|-|VALUE"`
	URL   flags.RelayURL `name:"url" help:"The URL of a running relay, without a route. Default: the providers in RELAY_PROVIDER answer in this process." placeholder:"URL"`
	JWT   flags.Token    `name:"jwt" help:"With --url: a token that the relay accepts; - reads it from standard input. Default: RELAY_JWT or, for npm start on this machine, a token made with its key." placeholder:"TOKEN"`
	Claim []string       `sep:"none" help:"A claim of the token: a credential of the provider." placeholder:"NAME=@FILE"`
	JSON  bool           `name:"json" help:"Print all answers as a snapshot, which the page of npm start opens."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Finds the observables in a text, defanged or not, and asks about each as XDR does. The parts of a mail
are decoded.

  relay ask mail.eml report.txt
  relay ask 'evil[.]example' 192.0.2.1 'file_name:"invoice.exe"'
  relay ask - --json < report.txt > case.json

Without --url, no relay needs to run: the settings are those of relay serve, except SECRET_KEY. If npm start
has a file open that a provider needs, such as the watchlist, pass --url http://127.0.0.1:9000.

The exit code is 1 if an answer is missing.
` + flags.ClaimHelp
}

// Run asks and prints the answers.
func (k *Command) Run(ctx context.Context, c console.Console) error {
	observables, err := k.observables(ctx, c)
	if err != nil {
		return err
	}
	claims, err := flags.ReadClaims(ctx, c, k.Claim)
	if err != nil {
		return err
	}
	modules, close, err := k.modules(ctx, c, claims)
	defer close()
	if err != nil {
		return err
	}
	all, err := ask(ctx, modules, observables, func(done, total int) { c.ShowStatus(fmt.Sprintf("%d of %d answers", done, total)) })
	c.ShowStatus("")
	if err != nil {
		return err
	}
	if k.JSON {
		err = c.PrintJSON(newSnapshot(all))
	} else {
		err = printTable(c.Out, all, len(modules) > 1)
	}
	if err != nil {
		return err
	}
	missing := 0
	for _, a := range all {
		for _, r := range a.results {
			if r.failed() {
				missing++
			}
		}
	}
	if missing > 0 {
		hint := ""
		if k.URL == "" {
			hint = " (if npm start is running, pass --url http://127.0.0.1:9000)"
		}
		return errors.New(console.Plural(missing, "answer is", "answers are") + " missing or incomplete" + hint)
	}
	return nil
}

// maxText is the size of the largest file that is searched, in bytes.
const maxText = 64 << 20

// observables returns the observables in the arguments, without duplicates.
func (k *Command) observables(ctx context.Context, c console.Console) ([]ctim.Observable, error) {
	var text strings.Builder
	for _, argument := range k.What {
		if info, err := os.Stat(argument); argument == "-" || err == nil && !info.IsDir() {
			content, err := c.ReadInput(ctx, argument, maxText)
			if err != nil {
				return nil, err
			}
			// Programs on Windows save texts as UTF-16, with a byte order mark. Decoding replaces
			// invalid text, and never fails.
			content, _, _ = transform.Bytes(unicode.BOMOverride(transform.Nop), content)
			text.Write(readable(content))
		} else if len(extract.Observables(argument)) == 0 {
			return nil, console.Usage(fmt.Errorf("%s is neither a file nor an observable", console.Excerpt(argument, 80)))
		} else {
			text.WriteString(argument)
		}
		text.WriteByte('\n')
	}
	all := extract.Observables(text.String())
	if len(all) == 0 {
		return nil, errors.New("the text has no observables")
	}
	return all, nil
}
