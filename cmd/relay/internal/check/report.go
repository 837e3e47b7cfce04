package check

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// Status is the outcome of a check.
type Status string

// The outcomes of a check.
const (
	Passed Status = "passed"
	// Warned is a difference that the platform tolerates.
	Warned Status = "warning"
	Failed Status = "failed"
	// Skipped is a check that wasn't possible. Got is the reason.
	Skipped Status = "skipped"
)

// Result is the result of a check. It contains neither the token nor its claims.
type Result struct {
	// Route is the path, such as /health.
	Route string `json:"route"`
	// Check is the check's name, in a few words.
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Sent describes the request, and Expected the response that the protocol
	// requires.
	Sent     string `json:"sent"`
	Expected string `json:"expected"`
	// Got is the beginning of the response, unless the check passed.
	Got string `json:"got,omitempty"`
	// Problems are the first few differences.
	Problems []string `json:"problems,omitempty"`
}

// Latency describes the response times of a route to valid requests.
type Latency struct {
	Route    string `json:"route"`
	Requests int    `json:"requests"`
	// P50 and Max are in milliseconds.
	P50 float64 `json:"p50_ms"`
	Max float64 `json:"max_ms"`
}

// Report is the result of Run.
type Report struct {
	URL string `json:"url"`
	// Version is the relay's, from /version. It may be empty.
	Version string    `json:"version,omitempty"`
	Results []Result  `json:"results"`
	Latency []Latency `json:"latency"`
}

// Count returns the number of results with a status.
func (r Report) Count(status Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// Routes returns the routes in the order of their first results.
func (r Report) Routes() []string {
	var routes []string
	for _, result := range r.Results {
		if !slices.Contains(routes, result.Route) {
			routes = append(routes, result.Route)
		}
	}
	return routes
}

// statusOf returns the outcome of a check that found the problems.
func statusOf(problems []rules.Problem) Status {
	switch {
	case len(problems) == 0:
		return Passed
	case len(rules.Errors(problems)) == 0:
		return Warned
	default:
		return Failed
	}
}

// latencyOf summarizes the response times of a route.
func latencyOf(route string, times []time.Duration) Latency {
	sorted := slices.Sorted(slices.Values(times))
	return Latency{route, len(sorted), milliseconds(sorted[(len(sorted)-1)/2]), milliseconds(sorted[len(sorted)-1])}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// reportPrinter prints a report for people: a line for each route, followed by the
// checks that didn't pass.
type reportPrinter struct{ verbose, colours bool }

// print prints a report. It uses colours on a terminal, unless NO_COLOR is set
// (https://no-color.org).
func (p reportPrinter) print(w io.Writer, report Report, took time.Duration) error {
	p.colours = console.IsTerminal(w) && os.Getenv("NO_COLOR") == ""
	var b bytes.Buffer
	b.WriteString(report.URL)
	if report.Version != "" {
		fmt.Fprintf(&b, ", version %s", console.Printable(report.Version))
	}
	b.WriteString("\n\n")
	for _, route := range report.Routes() {
		p.printRoute(&b, report, route)
	}
	fmt.Fprintf(&b, "\n%s: %s (%.1f s)\n", console.Plural(len(report.Results), "check", "checks"), p.counts(report), took.Seconds())
	if report.Count(Failed)+report.Count(Warned) > 0 {
		b.WriteString("docs/Protocol.md describes what the platform expects.\n")
	}
	_, err := b.WriteTo(w)
	return err
}

// printRoute prints a route's line and its results.
func (p reportPrinter) printRoute(b *bytes.Buffer, report Report, route string) {
	var own Report
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

func (p reportPrinter) printResult(b *bytes.Buffer, result Result) {
	fmt.Fprintf(b, "  %s %s\n", p.mark(result.Status), console.Printable(result.Check))
	if result.Status == Passed {
		return
	}
	lines := [][2]string{{"sent", result.Sent}, {"expected", result.Expected}, {"got", result.Got}}
	for i, problem := range result.Problems {
		lines = append(lines, [2]string{[]string{"because", ""}[min(i, 1)], problem})
	}
	for _, line := range lines {
		if line[1] != "" {
			fmt.Fprintf(b, "    %-9s %s\n", line[0], console.Printable(line[1]))
		}
	}
}

// marks are the words for statuses, and the codes of their colours.
var marks = map[Status][2]string{
	Passed: {"ok", "32"}, Warned: {"warning", "33"}, Failed: {"FAILED", "31"}, Skipped: {"skipped", "36"},
}

// mark returns the word for a status, in its colour.
func (p reportPrinter) mark(status Status) string {
	mark := marks[status]
	if !p.colours {
		return mark[0]
	}
	return "\x1b[" + mark[1] + "m" + mark[0] + "\x1b[0m"
}

// counts describes how many checks passed, failed and so on.
func (p reportPrinter) counts(report Report) string {
	var counts []string
	for _, status := range []Status{Failed, Warned, Skipped, Passed} {
		if n := report.Count(status); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, p.mark(status)))
		}
	}
	return strings.Join(counts, ", ")
}
