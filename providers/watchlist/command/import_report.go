package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/shared/console"
)

// printReport writes the result of an import: what was skipped and why by file, and then
// the totals.
func printReport(w io.Writer, r *importer.Report) {
	var read, skipped int
	for _, f := range r.Files {
		read, skipped = read+f.Read, skipped+importer.Count(f.Skipped)
		printFile(w, f)
	}
	rate := ""
	if r.Seconds > 0.05 {
		rate = fmt.Sprintf(", %s a second", console.Thousands(int(float64(read)/r.Seconds)))
	}
	removed := ""
	if r.Removed > 0 {
		removed = console.Thousands(r.Removed) + " removed, "
	}
	fmt.Fprintf(w, "%s read from %s: %s added, %s updated, %s unchanged, %s%s skipped (%.1f s%s)\n",
		console.Thousands(read), console.Plural(len(r.Files), "file", "files"), console.Thousands(r.Added), console.Thousands(r.Updated), console.Thousands(r.Unchanged), removed, console.Thousands(skipped), r.Seconds, rate)
}

func printFile(w io.Writer, f *importer.FileReport) {
	if f.Error != "" {
		where := console.Printable(f.Error)
		if !strings.HasPrefix(f.Error, f.Name+":") { // it doesn't name a line
			where = console.Printable(f.Name + ": " + f.Error)
		}
		fmt.Fprintln(w, where)
	}
	for _, reason := range f.Skipped {
		printReason(w, f.Name, "skipped", reason)
	}
	for _, reason := range f.Warnings {
		printReason(w, f.Name, "check these", reason)
	}
}

func printReason(w io.Writer, name, what string, r importer.Reason) {
	fmt.Fprintf(w, "%s: %s %s: %s\n", console.Printable(name), what, console.Thousands(r.Count), r.Text)
	for _, place := range r.Places {
		if place.Line > 0 {
			fmt.Fprintf(w, "  %s:%d: %s\n", console.Printable(name), place.Line, place.Value)
		}
	}
	if rest := r.Count - len(r.Places); rest > 0 {
		fmt.Fprintf(w, "  and %s more; --verbose names all\n", console.Thousands(rest))
	}
}

// printPreview writes the format of a file and its first entries.
func printPreview(w io.Writer, f *importer.FileReport, entries []entry.Entry) error {
	if f.Format != "" {
		fmt.Fprintf(w, "%s: %s (%s)\n", console.Printable(f.Name), f.Format, console.Printable(f.Why))
		for _, extra := range []string{f.Compression, f.Encoding} {
			if extra != "" {
				fmt.Fprintf(w, "  %s\n", extra)
			}
		}
	}
	for i, c := range f.Columns {
		line := fmt.Sprintf("  column %d", i+1)
		if c.Name != "" {
			line += fmt.Sprintf(" %q", c.Name)
		}
		line += ": " + c.Role
		if c.Why != "" {
			line += " (" + c.Why + ")"
		}
		fmt.Fprintln(w, console.Printable(line))
	}
	printFile(w, f)
	taken := f.Read - importer.Count(f.Skipped)
	if taken > 0 {
		fmt.Fprintf(w, "  %s; the first:\n", console.Plural(taken, "entry", "entries"))
	}
	printer := newEntryPrinter(w, false)
	for _, e := range entries {
		if err := printer.print(e); err != nil {
			return err
		}
	}
	return printer.flush()
}
