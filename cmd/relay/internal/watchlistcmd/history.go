package watchlistcmd

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// historyCommand is `relay watchlist history`.
type historyCommand struct {
	Values []string `arg:"" optional:"" help:"Only what was done to these values; defanged ones will do." placeholder:"VALUE"`
	Type   string   `help:"The observable type of the values. Default: what they look like." placeholder:"TYPE"`
	Who    string   `help:"Only what this person did." placeholder:"NAME"`
	Limit  int      `help:"No more than this many lines; 0 is all." default:"50" placeholder:"N"`
	JSON   bool     `name:"json" help:"Print each line as JSON, with the entries before and after."`
}

// Help implements kong.HelpProvider.
func (historyCommand) Help() string {
	return `Shows who changed what, the newest first: what analysts did in XDR, and what was done by this command.
An import is one line.

  relay watchlist history
  relay watchlist history 'evil[.]example' --json`
}

// Run prints the lines.
func (h *historyCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
	values, err := observables(h.Type, h.Values)
	if err != nil {
		return err
	}
	store, err := w.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	var wanted []entry.Key
	for _, o := range values {
		wanted = append(wanted, entry.KeyOf(o))
	}
	out := bufio.NewWriter(c.Out)
	defer func() { err = errors.Join(err, out.Flush()) }()
	printed := 0
	for line, err := range store.History(ctx) {
		if err != nil {
			return err
		}
		if h.Who != "" && h.Who != line.Who || len(wanted) > 0 && !isAbout(line, wanted) {
			continue
		}
		if err := h.print(out, line); err != nil {
			return err
		}
		if printed++; printed == h.Limit {
			break
		}
	}
	if printed == 0 {
		fmt.Fprintln(c.Err, "no changes")
	}
	return nil
}

// isAbout reports whether a line is about one of some values: an import that
// removes several is about each.
func isAbout(line entry.Change, wanted []entry.Key) bool {
	return slices.Contains(wanted, entry.KeyOf(line.Observable)) ||
		slices.ContainsFunc(line.Before, func(e entry.Entry) bool { return slices.Contains(wanted, e.Key()) })
}

func (h *historyCommand) print(w io.Writer, line entry.Change) error {
	if h.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(line)
	}
	words := []string{line.Time.UTC().Format(time.RFC3339), cmp.Or(line.Who, "somebody"), line.What}
	if line.Observable.Value != "" {
		words = append(words, string(line.Observable.Type)+" "+line.Observable.Value)
	}
	if summary := line.Summary(); summary != "" {
		words = append(words, summary)
	}
	_, err := fmt.Fprintln(w, console.Printable(strings.Join(words, "  ")))
	return err
}
