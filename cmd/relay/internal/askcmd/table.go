package askcmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// findings are the parts of an answer that the table shows.
type findings struct {
	Verdicts   docs[verdict]
	Judgements docs[judgement]
	Sightings  docs[struct{}]
	Indicators docs[struct{}]
}

type docs[T any] struct{ Docs []T }

type verdict struct {
	Observable  ctim.Observable
	Disposition string `json:"disposition_name"`
	JudgementID string `json:"judgement_id"`
}

type judgement struct {
	ID, Source, Reason string
}

// Widths of the longest value and reason that are shown whole, in characters.
const (
	valueWidth  = 64
	reasonWidth = 60
)

// printTable prints a line for each observable and module, and then the errors.
func printTable(w io.Writer, all []answers, several bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(module string, cells ...string) {
		if several {
			cells = slices.Insert(cells, 1, module)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	line("MODULE", "OBSERVABLE", "TYPE", "VERDICT", "JUDGEMENTS", "SIGHTINGS", "INDICATORS", "DECIDED BY")
	failures := map[string][]string{} // observables by message
	var messages []string
	for _, a := range all {
		value, kind := console.Excerpt(a.observable.Value, valueWidth), console.Printable(string(a.observable.Type))
		if len(a.results) == 0 {
			line("-", value, kind, "type not supported", "-", "-", "-", "-")
		}
		for _, r := range a.results {
			for _, e := range r.errors {
				message := console.Printable(fmt.Sprintf("%s: %s: %s (%s)", r.module.title, e.Type, e.Message, e.Code))
				if failures[message] == nil {
					messages = append(messages, message)
				}
				failures[message] = append(failures[message], value)
			}
			var found findings
			if r.data != nil && json.Unmarshal(r.data, &found) != nil {
				found = findings{} // `relay check` reports the reason
			}
			name, by := found.verdict(a.observable)
			if name == "" && r.failed() {
				name = "no answer"
			}
			line(r.module.title, value, kind, cmp.Or(console.Printable(name), "-"), count(found.Judgements), count(found.Sightings), count(found.Indicators), cmp.Or(console.Excerpt(by, reasonWidth), "-"))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, message := range messages {
		about := ""
		if n := len(failures[message]); n > 1 {
			about = fmt.Sprintf(", for %d observables", n)
		}
		if _, err := fmt.Fprintf(w, "%s%s\n", message, about); err != nil {
			return err
		}
	}
	return nil
}

// verdict returns the disposition of an observable, and who decided it.
func (f findings) verdict(o ctim.Observable) (name, by string) {
	for _, v := range f.Verdicts.Docs {
		if v.Observable != o {
			continue
		}
		for _, j := range f.Judgements.Docs {
			if j.ID == v.JudgementID {
				by = strings.Trim(j.Source+": "+j.Reason, ": ")
			}
		}
		return v.Disposition, by
	}
	return "", ""
}

func count[T any](d docs[T]) string {
	if len(d.Docs) == 0 {
		return "-"
	}
	return console.Thousands(len(d.Docs))
}
