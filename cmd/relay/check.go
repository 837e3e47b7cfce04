package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/check"
	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/shared/ctim"
)

// checkCommand is `relay check`.
type checkCommand struct {
	URL        relayURL          `arg:"" help:"The relay's URL, with the stage, without a route." placeholder:"URL"`
	JWT        string            `name:"jwt" help:"A token that the relay accepts; - reads it from standard input. Default: RELAY_JWT." placeholder:"TOKEN"`
	Observable []namedObservable `help:"Ask about this one; repeat it for more. Default: a documentation value of each common type." placeholder:"TYPE=VALUE" sep:"none"`
	Trigger    []string          `help:"Take this action, twice, for every observable that it is offered for. Without it no action is taken." placeholder:"ID" sep:"none"`
	Repeat     int               `help:"How often to ask each real question, for the latency." default:"3" placeholder:"N"`
	Verbose    bool              `short:"v" help:"Print the checks that pass, too."`
	JSON       bool              `name:"json" help:"Print the report as JSON."`
}

// Help implements kong.HelpProvider.
func (checkCommand) Help() string {
	return `Asks a relay, ours or anyone's, all that XDR may ask it and all that nobody should: every route, every
documented error, forged tokens, CTIM's rules, ids that stay, time. It makes some 200 requests, of
which few reach the third party, and changes nothing.

  relay check https://abc.execute-api.us-east-1.amazonaws.com --observable domain=evil.example

A failure is something that the protocol rules out. A warning is a difference where it leaves room.
Exit code 0 means that nothing failed, 1 that something did, 2 that the command line is wrong.`
}

// Validate implements kong's validation.
func (k *checkCommand) Validate() error {
	if k.Repeat < 2 || k.Repeat > 100 {
		return errors.New("--repeat is from 2 to 100")
	}
	return nil
}

// Run checks the relay and prints the report.
func (k *checkCommand) Run(ctx context.Context, c console) error {
	token, err := secret{given: k.JWT, variable: "RELAY_JWT", prompt: "JWT", flag: "--jwt"}.get(ctx, c)
	if err != nil {
		return err
	}
	status := newStatusLine(c.err)
	start := time.Now()
	report, err := check.Run(ctx, check.Options{
		URL:         string(k.URL),
		Token:       bearer(token),
		Observables: k.observables(),
		Trigger:     k.Trigger,
		Repeat:      k.Repeat,
		Progress:    func(route, check string) { status.show(route + ": " + check) },
	})
	status.clear()
	if errors.Is(err, check.ErrToken) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if k.JSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = newReportPrinter(c.out, k.Verbose).print(report, time.Since(start))
	}
	if err != nil {
		return err
	}
	if failed := report.Count(check.Failed); failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, plural(len(report.Results), "check", "checks"))
	}
	return nil
}

// observables are those that the flags name, or one of each common type.
func (k *checkCommand) observables() []ctim.Observable {
	var all []ctim.Observable
	for _, o := range k.Observable {
		all = append(all, ctim.Observable(o))
	}
	if len(all) > 0 {
		return all
	}
	for _, kind := range []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL, ctim.TypeEmail,
		ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256} {
		all = append(all, examples.Observables(kind)[0])
	}
	return all
}

// namedObservable is an observable as a flag has it: TYPE=VALUE. Any type will
// do, for the platform adds some now and then.
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
