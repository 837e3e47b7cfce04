package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// addCommand is `relay watchlist add`.
type addCommand struct {
	Values      []string `arg:"" help:"Values to add. They may be defanged." placeholder:"VALUE"`
	Type        string   `help:"The observable type. Default: detected from the value." placeholder:"TYPE"`
	Title       string   `help:"What the values are part of, such as a ticket." placeholder:"TEXT"`
	Description string   `help:"What is known about the values. Analysts see it." placeholder:"TEXT"`
	URL         string   `name:"url" help:"A web page about the values." placeholder:"URL"`
	Force       bool     `help:"Add values that concern nearly everybody too, such as a top-level domain or a public resolver."`
	attributes
}

func (addCommand) Help() string {
	return `Adds values as malicious, or with another --disposition. They override all imported lists:
--disposition clean allows a value that a list contains. Adding a value again replaces its entry with the
same source and title.

  relay watchlist add 192.0.2.66 evil.example --title "Ticket 4711" --valid-for 30d
  relay watchlist add 203.0.113.10 --disposition clean --description "our own scanner"`
}

func (a *addCommand) Validate() error {
	if a.URL != "" && ctim.WebURL(a.URL) == "" {
		return errors.New("--url must be a web page such as https://intel.example/4711")
	}
	return nil
}

// Run adds the values.
func (a *addCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	values, err := observables(a.Type, a.Values)
	if err != nil {
		return err
	}
	disposition, severity, confidence := a.words()
	entries := make([]entry.Entry, len(values))
	for i, o := range values {
		entries[i] = entry.Entry{
			Observable:  o,
			Subdomains:  a.Subdomains && entry.KeyOf(o).Kind == entry.KindDomain,
			Disposition: cmp.Or(disposition, ctim.Malicious),
			Severity:    severity,
			Confidence:  cmp.Or(confidence, ctim.ConfidenceHigh),
			Priority:    cmp.Or(int(a.Priority), ctim.PriorityHuman),
			TLP:         ctim.TLP(a.TLP),
			Title:       strings.TrimSpace(a.Title),
			Description: strings.TrimSpace(a.Description),
			Tags:        a.tags(),
			Source:      cmp.Or(strings.TrimSpace(a.Source), entry.AnalystSource),
			SourceURL:   ctim.WebURL(a.URL),
			ValidUntil:  a.validUntil(time.Now()),
		}
		if err := entries[i].Check(); err != nil {
			return fmt.Errorf("%s: %w", o.Value, err)
		}
	}
	if err := a.checkBroad(entries, c); err != nil {
		return err
	}
	store, _, err := w.open(false)
	if err != nil {
		return err
	}
	var total entry.PutResult
	for _, e := range entries {
		result, err := add(ctx, store, e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Observable.Value, err)
		}
		total = total.Plus(result)
	}
	_, err = fmt.Fprintf(c.Out, "%d added, %d updated, %d unchanged\n", total.Added, total.Updated, total.Unchanged)
	return err
}

// checkBroad warns of entries that concern nearly everybody. It returns an error if
// there are any, unless they are forced.
func (a *addCommand) checkBroad(entries []entry.Entry, c console.Console) error {
	broad := 0
	for _, e := range entries {
		if reason := entry.TooBroad(e); reason != "" {
			broad++
			fmt.Fprintf(c.Err, "warning: %s: %s\n", console.Printable(e.Observable.Value), reason)
		}
	}
	if broad > 0 && !a.Force {
		return errors.New("nothing is added (--force adds these values too)")
	}
	return nil
}

// add adds one entry and records the change.
func add(ctx context.Context, store entry.Store, e entry.Entry) (result entry.PutResult, err error) {
	by := byHand("added as " + strings.ToLower(e.Disposition.String()))
	_, err = store.Change(ctx, e.Key(), by, func(before []entry.Entry) (after []entry.Entry, err error) {
		after, result = entry.Merge(before, []entry.Entry{e})
		return after, nil
	})
	return result, err
}
