package watchlistcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// addCommand is `relay watchlist add`.
type addCommand struct {
	Values      []string `arg:"" help:"Values to add; defanged ones will do." placeholder:"VALUE"`
	Type        string   `help:"The observable type. Default: what the value looks like." placeholder:"TYPE"`
	Title       string   `help:"What it is part of, such as a ticket." placeholder:"TEXT"`
	Description string   `help:"What is known about it." placeholder:"TEXT"`
	URL         string   `name:"url" help:"Where it can be read." placeholder:"URL"`
	attributes
}

// Help implements kong.HelpProvider.
func (addCommand) Help() string {
	return `Adds values as malicious unless --disposition says otherwise. What a person adds decides over what
lists say; --disposition clean lets something through that a list has.

  relay watchlist add 192.0.2.66 evil.example --title "Ticket 4711" --valid-for 30d
  relay watchlist add 203.0.113.10 --disposition clean --description "our own scanner"`
}

// Validate implements kong's validation.
func (a *addCommand) Validate() error {
	if a.URL != "" && normalize.WebURL(a.URL) == "" {
		return errors.New("--url is an address that a browser opens, such as https://intel.example/4711")
	}
	return a.attributes.Validate()
}

// Run adds the values.
func (a *addCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
	values, err := observables(a.Type, a.Values)
	if err != nil {
		return err
	}
	entries := make([]entry.Entry, len(values))
	for i, o := range values {
		entries[i] = entry.Entry{
			Observable:  o,
			Subdomains:  a.Subdomains && entry.KeyOf(o).Kind == entry.KindDomain,
			Disposition: cmp.Or(a.disposition(), ctim.Malicious),
			Severity:    a.severity(),
			Confidence:  cmp.Or(a.confidence(), ctim.ConfidenceHigh),
			Priority:    cmp.Or(a.Priority, ctim.PriorityHuman),
			TLP:         ctim.TLP(a.TLP),
			Title:       strings.TrimSpace(a.Title),
			Description: strings.TrimSpace(a.Description),
			Tags:        a.tags(),
			Source:      cmp.Or(strings.TrimSpace(a.Source), entry.AnalystSource),
			SourceURL:   normalize.WebURL(a.URL),
			ValidUntil:  a.validUntil(time.Now()),
		}
		if err := entries[i].Check(); err != nil {
			return fmt.Errorf("%s: %w", o.Value, err)
		}
	}
	store, err := w.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
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

// add adds one entry, with a line in the history.
func add(ctx context.Context, store entry.Store, e entry.Entry) (result entry.PutResult, err error) {
	by := byHand("added as " + strings.ToLower(e.Disposition.String()))
	_, err = store.Change(ctx, e.Key(), by, func(before []entry.Entry) (after []entry.Entry, err error) {
		after, result = entry.Place(before, []entry.Entry{e})
		return after, nil
	})
	return result, err
}
