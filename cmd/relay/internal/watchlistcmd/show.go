package watchlistcmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// showCommand is `relay watchlist show`.
type showCommand struct {
	Values []string `arg:"" help:"Values to look up. They may be defanged." placeholder:"VALUE"`
	Type   string   `help:"The observable type. Default: detected from the value." placeholder:"TYPE"`
	JSON   bool     `name:"json" help:"Print each entry as a line of JSON."`
}

// Help implements kong.HelpProvider.
func (showCommand) Help() string {
	return `Shows the entries that cover a value: its own, those of networks that contain an address, and those of
parent domains with --subdomains. The exit code is 1 if a value isn't listed.`
}

// Run prints the entries that cover each value.
func (s *showCommand) Run(ctx context.Context, w *Command, c console.Console) error {
	store, err := w.open(true)
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
