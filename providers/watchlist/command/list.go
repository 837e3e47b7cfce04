package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/console"
)

// listCommand is `relay watchlist list`.
type listCommand struct {
	Type        string `help:"Only this observable type, such as ip or sha256." placeholder:"TYPE"`
	Source      string `help:"Only this source." placeholder:"NAME"`
	Disposition string `help:"Only this disposition: clean, malicious, suspicious, common or unknown." enum:",clean,malicious,suspicious,common,unknown" default:"" placeholder:"WORD"`
	Limit       int    `help:"At most this many. 0 is all." placeholder:"N"`
	JSON        bool   `name:"json" help:"Print each entry as a line of JSON."`
}

func (listCommand) Help() string {
	return `Prints a table with a header, on a terminal and into a pipe alike. Use --json in scripts.

  relay watchlist list --source analyst
  relay watchlist list --type ip --json | jq -r .observable.value`
}

// Run prints the entries.
func (l *listCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	if err := checkType(l.Type); err != nil {
		return err
	}
	store, _, err := w.open(true)
	if err != nil {
		return err
	}
	entries := listing[entry.Entry]{matches: l.matches, limit: l.Limit, json: l.JSON, header: entryHeader, row: entryRow, none: "no entries"}
	return entries.print(c, store.All(ctx))
}

func (l *listCommand) matches(e entry.Entry) bool {
	return (l.Type == "" || l.Type == string(e.Observable.Type)) &&
		(l.Source == "" || l.Source == e.Source) &&
		(l.Disposition == "" || strings.EqualFold(l.Disposition, e.Disposition.String()))
}

// entryHeader is the header of a table of entries.
const entryHeader = "TYPE\tVALUE\tDISPOSITION\tUNTIL\tSOURCE\tTITLE\n"

// entryRow returns the row of an entry.
func entryRow(e entry.Entry) string {
	until := "-"
	if !e.ValidUntil.IsZero() {
		until = e.ValidUntil.Format(time.DateOnly)
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\n", e.Observable.Type, console.Printable(valueWithMarks(e)), e.Disposition, until,
		console.Printable(e.Source), console.Printable(cmp.Or(e.Title, "-")))
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

// showCommand is `relay watchlist show`.
type showCommand struct {
	Values []string `arg:"" help:"Values to look up. They may be defanged." placeholder:"VALUE"`
	Type   string   `help:"The observable type. Default: detected from the value." placeholder:"TYPE"`
	JSON   bool     `name:"json" help:"Print each entry as a line of JSON."`
}

func (showCommand) Help() string {
	return `Shows the entries that cover a value: its own, those of networks that contain an address, and those of
parent domains with --subdomains. The exit code is 1 if a value isn't listed.`
}

// Run prints the entries that cover each value.
func (s *showCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	store, _, err := w.open(true)
	if err != nil {
		return err
	}
	values, err := observables(s.Type, s.Values)
	if err != nil {
		return err
	}
	missing := 0
	for _, o := range values {
		entries, err := entry.Lookup(ctx, store, o)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			fmt.Fprintf(c.Err, "%s: not listed\n", console.Printable(o.Value))
			missing++
		}
		for _, e := range entries {
			if s.JSON {
				err = console.WriteJSONLine(c.Out, e)
			} else {
				err = printEntry(c.Out, e, time.Now())
			}
			if err != nil {
				return err
			}
		}
	}
	if missing > 0 {
		return fmt.Errorf("%d of %s not listed", missing, console.Plural(len(s.Values), "value", "values"))
	}
	return nil
}

// printEntry writes an entry, one property a line.
func printEntry(w io.Writer, e entry.Entry, now time.Time) error {
	var b strings.Builder
	mark := ""
	if !e.IsValid(now) {
		mark = " (not valid now)"
	}
	fmt.Fprintf(&b, "%s %s%s\n", e.Observable.Type, console.Printable(valueWithMarks(e)), mark)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-12s %s\n", name, console.Printable(value))
		}
	}
	date := func(name string, t time.Time) {
		if !t.IsZero() {
			line(name, t.Format(time.RFC3339))
		}
	}
	line("disposition", e.Disposition.String())
	line("severity", string(e.Severity))
	line("confidence", string(e.Confidence))
	line("priority", fmt.Sprint(e.Priority))
	line("source", e.Source)
	line("title", e.Title)
	line("description", e.Description)
	line("url", e.SourceURL)
	line("tlp", string(e.TLP))
	line("tags", strings.Join(e.Tags, ", "))
	for _, t := range e.Indicates {
		line(string(t.Kind), strings.TrimSpace(t.Name+" "+t.ID))
	}
	date("first seen", e.FirstSeen)
	date("valid from", e.ValidFrom)
	date("valid until", e.ValidUntil)
	date("added", e.Added)
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}
