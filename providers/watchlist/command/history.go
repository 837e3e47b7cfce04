package command

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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
func (h *historyCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
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

// isAbout reports whether a change is about one of the values. An import is about each
// value that it removes.
func isAbout(line entry.Change, wanted []entry.Key) bool {
	return slices.Contains(wanted, entry.KeyOf(line.Observable)) ||
		slices.ContainsFunc(line.Before, func(e entry.Entry) bool { return slices.Contains(wanted, e.Key()) })
}

func (h *historyCommand) print(w io.Writer, line entry.Change) error {
	if h.JSON {
		return console.WriteJSONLine(w, line)
	}
	words := []string{line.Time.UTC().Format(time.RFC3339), cmp.Or(line.Who, "unknown user"), line.What}
	if line.Observable.Value != "" {
		words = append(words, string(line.Observable.Type)+" "+line.Observable.Value)
	}
	if summary := line.Summary(); summary != "" {
		words = append(words, summary)
	}
	_, err := fmt.Fprintln(w, console.Printable(strings.Join(words, "  ")))
	return err
}
