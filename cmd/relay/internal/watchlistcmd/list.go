package watchlistcmd

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
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
	Limit       int    `help:"No more than this many." placeholder:"N"`
	JSON        bool   `name:"json" help:"Print each entry as a line of JSON."`
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
	defer func() { err = errors.Join(err, store.Close()) }()

	printer := newEntryPrinter(c.Out, l.JSON)
	defer func() { err = errors.Join(err, printer.flush()) }()
	printed := 0
	for e, err := range store.All(ctx) {
		if err != nil {
			return err
		}
		if !l.wants(e) {
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

func (l *listCommand) wants(e entry.Entry) bool {
	return (l.Type == "" || l.Type == string(e.Observable.Type)) &&
		(l.Source == "" || l.Source == e.Source) &&
		(l.Disposition == "" || strings.EqualFold(l.Disposition, e.Disposition.String()))
}

// entryPrinter prints entries as a table or as JSON lines.
type entryPrinter struct {
	buffer *bufio.Writer
	table  *tabwriter.Writer
	json   *json.Encoder
	lines  int
}

func newEntryPrinter(w io.Writer, asJSON bool) *entryPrinter {
	buffer := bufio.NewWriter(w)
	p := &entryPrinter{buffer: buffer}
	if asJSON {
		p.json = json.NewEncoder(buffer)
		p.json.SetEscapeHTML(false)
	} else {
		p.table = tabwriter.NewWriter(buffer, 0, 0, 2, ' ', 0)
	}
	return p
}

// tableLines is how many lines are set at once: a table of millions would not
// appear before its last line is known.
const tableLines = 1000

func (p *entryPrinter) print(e entry.Entry) error {
	if p.json != nil {
		return p.json.Encode(e)
	}
	until := "-"
	if !e.ValidUntil.IsZero() {
		until = e.ValidUntil.Format(time.DateOnly)
	}
	_, err := fmt.Fprintf(p.table, "%s\t%s\t%s\tuntil %s\t%s\t%s\n", e.Observable.Type, console.Printable(valueWithMarks(e)), e.Disposition, until,
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

// valueWithMarks is the entry's value with what else it needs or covers.
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
