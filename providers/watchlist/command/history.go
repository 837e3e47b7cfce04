package command

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/console"
)

// historyCommand is `relay watchlist history`.
type historyCommand struct {
	Values []string `arg:"" optional:"" help:"Only changes of these values. They may be defanged." placeholder:"VALUE"`
	Type   string   `help:"The observable type. Default: detected from the value." placeholder:"TYPE"`
	Who    string   `help:"Only changes by this person." placeholder:"NAME"`
	Limit  int      `help:"At most this many changes. 0 is all." default:"50" placeholder:"N"`
	JSON   bool     `name:"json" help:"Print each change as a line of JSON, with the entries before and after."`
}

func (historyCommand) Help() string {
	return `Shows who changed what, the newest first: actions of analysts in XDR, and changes by this command. An
import is one change, and names its files.

  relay watchlist history
  relay watchlist history 'evil[.]example' --json`
}

// Run prints the lines.
func (h *historyCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	values, err := observables(h.Type, h.Values)
	if err != nil {
		return err
	}
	store, _, err := w.open(true)
	if err != nil {
		return err
	}
	var wanted []entry.Key
	for _, o := range values {
		wanted = append(wanted, entry.KeyOf(o))
	}
	changes := listing[entry.Change]{
		matches: func(line entry.Change) bool {
			return (h.Who == "" || h.Who == line.Who) && (len(wanted) == 0 || isAbout(line, wanted))
		},
		limit: h.Limit, json: h.JSON, row: changeRow, none: "no changes",
	}
	return changes.print(c, store.History(ctx))
}

// isAbout reports whether a change is about one of the values. A change of several is about
// each that it removes.
func isAbout(line entry.Change, wanted []entry.Key) bool {
	return slices.Contains(wanted, entry.KeyOf(line.Observable)) ||
		slices.ContainsFunc(line.Before, func(e entry.Entry) bool { return slices.Contains(wanted, e.Key()) })
}

// changeRow describes a change in one line.
func changeRow(line entry.Change) string {
	words := []string{line.Time.UTC().Format(time.RFC3339), cmp.Or(line.Who, "unknown user"), line.What}
	if line.Observable.Value != "" {
		words = append(words, string(line.Observable.Type)+" "+line.Observable.Value)
	}
	if summary := line.Summary(); summary != "" {
		words = append(words, summary)
	}
	return console.Printable(strings.Join(words, "  ")) + "\n"
}
