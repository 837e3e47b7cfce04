package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/shared/console"
)

// reportText returns the result of an import: what was skipped and why by file, and then
// the totals.
func reportText(r *importer.Report) string {
	var b strings.Builder
	var read, skipped int
	for _, f := range r.Files {
		read, skipped = read+f.Read, skipped+importer.Count(f.Skipped)
		writeFile(&b, f)
	}
	rate := ""
	if r.Seconds > 0.05 {
		rate = fmt.Sprintf(", %s a second", console.Thousands(int(float64(read)/r.Seconds)))
	}
	removed := ""
	if r.Removed > 0 {
		removed = console.Thousands(r.Removed) + " removed, "
	}
	fmt.Fprintf(&b, "%s read from %s: %s added, %s updated, %s unchanged, %s%s skipped (%.1f s%s)\n",
		console.Thousands(read), console.Plural(len(r.Files), "file", "files"), console.Thousands(r.Added), console.Thousands(r.Updated), console.Thousands(r.Unchanged), removed, console.Thousands(skipped), r.Seconds, rate)
	return b.String()
}

func writeFile(b *strings.Builder, f *importer.FileReport) {
	if f.Error != "" {
		where := console.Printable(f.Error)
		if !strings.HasPrefix(f.Error, f.Name+":") { // it doesn't name a line
			where = console.Printable(f.Name + ": " + f.Error)
		}
		fmt.Fprintln(b, where)
	}
	for _, reason := range f.Skipped {
		writeReason(b, f.Name, "skipped", reason)
	}
	for _, reason := range f.Warnings {
		writeReason(b, f.Name, "check these", reason)
	}
}

func writeReason(b *strings.Builder, name, what string, r importer.Reason) {
	fmt.Fprintf(b, "%s: %s %s: %s\n", console.Printable(name), what, console.Thousands(r.Count), r.Text)
	for _, place := range r.Places {
		if place.Line > 0 {
			fmt.Fprintf(b, "  %s:%d: %s\n", console.Printable(name), place.Line, place.Value)
		}
	}
	if rest := r.Count - len(r.Places); rest > 0 {
		fmt.Fprintf(b, "  and %s more; --verbose names all\n", console.Thousands(rest))
	}
}

// previewText returns the format of a file and its first entries.
func previewText(f *importer.FileReport, entries []entry.Entry) string {
	var b strings.Builder
	if f.Format != "" {
		fmt.Fprintf(&b, "%s: %s (%s)\n", console.Printable(f.Name), f.Format, console.Printable(f.Why))
		for _, extra := range []string{f.Compression, f.Encoding} {
			if extra != "" {
				fmt.Fprintf(&b, "  %s\n", extra)
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
		fmt.Fprintln(&b, console.Printable(line))
	}
	writeFile(&b, f)
	table := newTable(&b)
	if taken := f.Read - importer.Count(f.Skipped); taken > 0 {
		fmt.Fprintf(&b, "  %s; the first:\n", console.Plural(taken, "entry", "entries"))
		_, _ = io.WriteString(table, entryHeader)
	}
	for _, e := range entries {
		_, _ = io.WriteString(table, entryRow(e))
	}
	_ = table.Flush()
	return b.String()
}
