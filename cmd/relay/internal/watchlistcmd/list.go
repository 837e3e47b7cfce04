package watchlistcmd

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// listCommand is `relay watchlist list`.
type listCommand struct {
	Type        string `help:"Only this observable type, such as ip or sha256." placeholder:"TYPE"`
	Source      string `help:"Only this source." placeholder:"NAME"`
	Disposition string `help:"Only this disposition: clean, malicious, suspicious, common or unknown." enum:",clean,malicious,suspicious,common,unknown" default:"" placeholder:"WORD"`
	Limit       int    `help:"At most this many. 0 is all." placeholder:"N"`
	JSON        bool   `name:"json" help:"Print each entry as a line of JSON."`
}

// Help implements kong.HelpProvider.
func (listCommand) Help() string {
	return `Prints a table with a header, on a terminal and into a pipe alike. Use --json in scripts.

  relay watchlist list --source analyst
  relay watchlist list --type ip --json | jq -r .observable.value`
}

// Run prints the entries.
func (l *listCommand) Run(ctx context.Context, w *Command, c console.Console) (err error) {
	if err := checkType(l.Type); err != nil {
		return err
	}
	store, err := w.open(true)
	if err != nil {
		return err
	}
	printer := newEntryPrinter(c.Out, l.JSON)
	defer func() { err = errors.Join(err, printer.flush()) }()
	printed := 0
	for e, err := range store.All(ctx) {
		if err != nil {
			return err
		}
		if !l.matches(e) {
			continue
		}
		if err := printer.print(e); err != nil {
			return err
		}
		if printed++; printed == l.Limit {
			break
		}
	}
	if printed == 0 {
		fmt.Fprintln(c.Err, "no entries")
	}
	return nil
}

func (l *listCommand) matches(e entry.Entry) bool {
	return (l.Type == "" || l.Type == string(e.Observable.Type)) &&
		(l.Source == "" || l.Source == e.Source) &&
		(l.Disposition == "" || strings.EqualFold(l.Disposition, e.Disposition.String()))
}

// entryPrinter prints entries as a table or as JSON lines.
type entryPrinter struct {
	buffer *bufio.Writer
	table  *tabwriter.Writer
	lines  int
}

func newEntryPrinter(w io.Writer, asJSON bool) *entryPrinter {
	p := &entryPrinter{buffer: bufio.NewWriter(w)}
	if !asJSON {
		p.table = tabwriter.NewWriter(p.buffer, 0, 0, 2, ' ', 0)
	}
	return p
}

// tableLines is how many lines are aligned together. Otherwise a table of millions would
// only appear once it is complete.
const tableLines = 1000

func (p *entryPrinter) print(e entry.Entry) error {
	if p.table == nil {
		return console.WriteJSONLine(p.buffer, e)
	}
	if p.lines == 0 {
		fmt.Fprintln(p.table, "TYPE\tVALUE\tDISPOSITION\tUNTIL\tSOURCE\tTITLE")
	}
	until := "-"
	if !e.ValidUntil.IsZero() {
		until = e.ValidUntil.Format(time.DateOnly)
	}
	_, err := fmt.Fprintf(p.table, "%s\t%s\t%s\t%s\t%s\t%s\n", e.Observable.Type, console.Printable(valueWithMarks(e)), e.Disposition, until,
		console.Printable(e.Source), console.Printable(cmp.Or(e.Title, "-")))
	if p.lines++; err == nil && p.lines%tableLines == 0 {
		err = p.table.Flush()
	}
	return err
}

func (p *entryPrinter) flush() error {
	if p.table != nil {
		if err := p.table.Flush(); err != nil {
			return err
		}
	}
	return p.buffer.Flush()
}

// valueWithMarks returns the entry's value, marked if it covers subdomains or is part of
// a group.
func valueWithMarks(e entry.Entry) string {
	value := e.Observable.Value
	if e.Subdomains {
		value = "*." + value
	}
	for _, o := range e.With {
		value += " with " + o.Value
	}
	return value
}
