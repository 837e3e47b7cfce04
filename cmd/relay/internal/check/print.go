package check

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
)

// reportPrinter writes the report of a check for people: a line for each route,
// and below it what didn't pass.
type reportPrinter struct {
	w       io.Writer
	verbose bool
	colours bool
}

// newReportPrinter writes colours on a terminal only, and not where NO_COLOR
// asks for none (https://no-color.org).
func newReportPrinter(w io.Writer, verbose bool) reportPrinter {
	return reportPrinter{w, verbose, console.IsTerminal(w) && os.Getenv("NO_COLOR") == ""}
}

// marks are the words for each status, and their colours.
func marks() map[Status]struct{ word, colour string } {
	return map[Status]struct{ word, colour string }{
		Passed:  {"ok", "32"},
		Warned:  {"warning", "33"},
		Failed:  {"FAILED", "31"},
		Skipped: {"skipped", "36"},
	}
}

func (p reportPrinter) print(report Report, took time.Duration) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s", report.URL)
	if report.Version != "" {
		fmt.Fprintf(&b, ", version %s", console.Printable(report.Version))
	}
	b.WriteString("\n\n")
	for _, route := range report.Routes() {
		p.printRoute(&b, report, route)
	}
	fmt.Fprintf(&b, "\n%s: %s (%.1f s)\n", console.Plural(len(report.Results), "check", "checks"), p.counts(report), took.Seconds())
	_, err := b.WriteTo(p.w)
	return err
}

// printRoute writes a route's line and its results.
func (p reportPrinter) printRoute(b *bytes.Buffer, report Report, route string) {
	own := Report{}
	for _, result := range report.Results {
		if result.Route == route {
			own.Results = append(own.Results, result)
		}
	}
	fmt.Fprintf(b, "%-32s %s", console.Printable(route), p.counts(own))
	for _, l := range report.Latency {
		if l.Route == route {
			fmt.Fprintf(b, "; p50 %.1f ms, max %.1f ms of %d", l.P50, l.Max, l.Requests)
		}
	}
	b.WriteString("\n")
	for _, result := range own.Results {
		if result.Status != Passed || p.verbose {
			p.printResult(b, result)
		}
	}
}

// printResult writes one check: what was sent, what should have come, and what
// came.
func (p reportPrinter) printResult(b *bytes.Buffer, result Result) {
	fmt.Fprintf(b, "  %s %s\n", p.mark(result.Status), console.Printable(result.Check))
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "    %-9s %s\n", name, console.Printable(text))
		}
	}
	if result.Status == Passed {
		return
	}
	line("sent", result.Sent)
	line("expected", result.Expected)
	line("got", result.Got)
	for i, problem := range result.Problems {
		line(map[bool]string{true: "because"}[i == 0], problem)
	}
}

func (p reportPrinter) mark(status Status) string {
	m := marks()[status]
	if !p.colours {
		return m.word
	}
	return "\x1b[" + m.colour + "m" + m.word + "\x1b[0m"
}

// counts says how many of the checks passed, failed and so on.
func (p reportPrinter) counts(report Report) string {
	var counts []string
	for _, status := range []Status{Failed, Warned, Skipped, Passed} {
		if n := report.Count(status); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, p.mark(status)))
		}
	}
	return strings.Join(counts, ", ")
}
