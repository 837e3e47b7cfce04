package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// Command is `relay check`.
type Command struct {
	URL        flags.RelayURL    `arg:"" help:"The relay's URL, with the stage and, for a provider after the first, its name, without a route." placeholder:"URL"`
	JWT        flags.Token       `name:"jwt" help:"A token that the relay accepts; - reads it from standard input. Default: RELAY_JWT or, for npm start on this machine, a token made with its key." placeholder:"TOKEN"`
	Observable []namedObservable `help:"Ask about this observable; repeat the flag for more. Default: a documentation value of each common type." placeholder:"TYPE=VALUE" sep:"none"`
	Trigger    []string          `help:"Run this action twice for each observable for which it is offered. Default: run no action." placeholder:"ID" sep:"none"`
	Repeat     int               `help:"How often to send each valid request, to measure the latency: from 2 to 100." default:"3" placeholder:"N"`
	Verbose    bool              `short:"v" help:"Also print the checks that pass."`
	JSON       bool              `name:"json" help:"Print the report as JSON."`
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `Tests any relay with valid and invalid requests: every route, every documented error, forged tokens,
CTIM's rules, stable ids, response times. It sends about 250 requests, of which few reach the third
party, and changes nothing unless you pass --trigger.

  relay check http://127.0.0.1:9000
  relay check https://abc.execute-api.us-east-1.amazonaws.com --observable domain=evil.example

A failure violates the protocol. A warning is a difference that the platform tolerates. The exit code is
0 if nothing failed, 1 if something did, 2 if the command line is wrong.`
}

// Validate implements kong's validation.
func (k *Command) Validate() error {
	if k.Repeat < 2 || k.Repeat > 100 {
		return errors.New("--repeat is from 2 to 100")
	}
	return nil
}

// Run checks the relay and prints the report.
func (k *Command) Run(ctx context.Context, c console.Console) error {
	token, origin, err := k.JWT.GetFor(ctx, c, k.URL, nil)
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := Run(ctx, Options{
		URL:         string(k.URL),
		Token:       token,
		Observables: k.observables(),
		Trigger:     k.Trigger,
		Repeat:      k.Repeat,
		Progress:    func(route, check string) { c.ShowStatus(route + ": " + check) },
	})
	c.ShowStatus("")
	if errors.Is(err, errRefused) && origin != "" {
		return fmt.Errorf("%w (relay check made it with the key %s; pass --jwt if the relay has another key, or its provider needs credentials)", err, origin)
	}
	if err != nil {
		return err
	}
	if k.JSON {
		err = c.PrintJSON(report)
	} else {
		err = reportPrinter{verbose: k.Verbose}.print(c.Out, report, time.Since(start))
	}
	if err != nil {
		return err
	}
	if failed := report.Count(Failed); failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, console.Plural(len(report.Results), "check", "checks"))
	}
	return nil
}

// observables returns the flags' observables, or one of each common type.
func (k *Command) observables() []ctim.Observable {
	var all []ctim.Observable
	for _, o := range k.Observable {
		all = append(all, ctim.Observable(o))
	}
	if all != nil {
		return all
	}
	return examples.Common()
}

// namedObservable is an observable in a flag: TYPE=VALUE. Any type is accepted,
// because the platform adds new ones.
type namedObservable ctim.Observable

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *namedObservable) UnmarshalText(text []byte) error {
	kind, value, _ := strings.Cut(string(text), "=")
	kind, value = strings.TrimSpace(kind), strings.TrimSpace(value)
	if kind == "" || value == "" {
		return errors.New("an observable is TYPE=VALUE, such as domain=evil.example")
	}
	*o = namedObservable{Type: ctim.ObservableType(kind), Value: value}
	return nil
}
