package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// removeCommand is `relay watchlist remove`.
type removeCommand struct {
	Values []string `arg:"" optional:"" help:"Values to remove. They may be defanged." placeholder:"VALUE"`
	Type   string   `help:"The observable type. Default: detected from the value. Without values: only entries of this type." placeholder:"TYPE"`
	Source string   `help:"Only entries from this source. Without values: all of them." placeholder:"NAME"`
}

func (removeCommand) Help() string {
	return `Removes the entries of a value, from all sources or from one. Entries of networks that contain it and
of its parent domains are kept.

  relay watchlist remove evil.example
  relay watchlist remove --source Sample
  relay watchlist remove --source "ISAC feed" --type sha256

The exit code is 1 if there was nothing to remove.`
}

// Run removes the entries.
func (r *removeCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	if len(r.Values) == 0 && r.Source == "" {
		return errors.New("name values to remove, or a source with --source")
	}
	values, err := observables(r.Type, r.Values)
	if err != nil {
		return err
	}
	store, _, err := w.open(false)
	if err != nil {
		return err
	}
	removed, err := r.remove(ctx, store, values, c)
	if err != nil {
		return err
	}
	if removed == 0 {
		return errors.New("nothing was removed")
	}
	_, err = fmt.Fprintf(c.Out, "%s removed\n", console.Plural(removed, "entry", "entries"))
	return err
}

// remove removes the entries of the values, or all entries that match the flags.
func (r *removeCommand) remove(ctx context.Context, store entry.Store, values []ctim.Observable, c console.Console) (removed int, err error) {
	if len(values) == 0 {
		isOfType := func(o ctim.Observable) bool { return r.Type == "" || r.Type == string(o.Type) }
		return removeAll(ctx, store, func(e entry.Entry) bool { // a group is removed as a whole
			return e.Source == r.Source && (isOfType(e.Observable) || slices.ContainsFunc(e.With, isOfType))
		})
	}
	for _, o := range values {
		entries, err := entry.Remove(ctx, store, o, byHand("removed"), func(e entry.Entry) bool { return r.Source == "" || r.Source == e.Source })
		if err != nil {
			return removed, err
		}
		if len(entries) == 0 {
			fmt.Fprintf(c.Err, "%s: nothing to remove\n", console.Printable(o.Value))
		}
		removed += len(entries)
	}
	return removed, nil
}

// removeAll removes all entries that match.
func removeAll(ctx context.Context, store entry.Store, matching func(entry.Entry) bool) (int, error) {
	var keys []entry.Key
	for e, err := range store.All(ctx) {
		if err != nil {
			return 0, err
		}
		if matching(e) {
			keys = append(keys, e.Key())
		}
	}
	entries, err := store.Remove(ctx, keys, matching)
	if len(entries) > 0 {
		what := fmt.Sprintf("removed %s of %s", console.Plural(len(entries), "entry", "entries"), entries[0].Source)
		err = errors.Join(err, store.Record(context.WithoutCancel(ctx), entry.NewRemoval(byHand(what), entries)))
	}
	return len(entries), err
}
