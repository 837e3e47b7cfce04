package ctimrules

import (
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
)

// Observed is the rule for the data of /observe/observables: entities of any
// kind, each valid by itself and with the others. Of one that isn't valid by
// itself, what it says of others is judged as far as it can be read.
func Observed() shape.Rule {
	fields := shape.Fields{}
	for name, kind := range kinds() {
		fields[name] = shape.Optional(shape.Docs(kind.rule))
	}
	each := shape.Object(fields)
	return func(path string, value any) []shape.Problem {
		a := newAnswer(path, value)
		return slices.Concat(each(path, value), a.sharedIDs(), a.looseEnds(), a.strayVerdicts())
	}
}

// Deliberated is the rule for the data of /deliberate/observables. Two verdicts
// on one observable are a warning: which of them counts is left to chance.
func Deliberated() shape.Rule {
	each := shape.Object(shape.Fields{"verdicts": shape.Optional(shape.Docs(verdict()))})
	return func(path string, value any) []shape.Problem {
		return slices.Concat(each(path, value), newAnswer(path, value).secondVerdicts())
	}
}

// located is an entity and where it stands.
type located struct {
	path   string
	fields map[string]any
}

// text is a field that should be a string.
func (l located) text(name string) string {
	text, _ := l.fields[name].(string)
	return text
}

// answer is the entities of an answer, by the names under which it lists them.
type answer map[string][]located

// newAnswer reads the entities of an answer's data, as far as they are any.
func newAnswer(path string, value any) answer {
	a := answer{}
	data, _ := value.(map[string]any)
	for _, name := range Names() {
		list, _ := data[name].(map[string]any)
		docs, _ := list["docs"].([]any)
		for i, doc := range docs {
			if fields, ok := doc.(map[string]any); ok {
				a[name] = append(a[name], located{fmt.Sprintf("%s.%s.docs[%d]", path, name, i), fields})
			}
		}
	}
	return a
}

// byID are the entities by their ids.
func (a answer) byID() map[string]located {
	all := map[string]located{}
	for _, entities := range a {
		for _, e := range entities {
			if id := e.text("id"); id != "" {
				all[id] = e
			}
		}
	}
	return all
}

// sharedIDs finds entities that have the id of another.
func (a answer) sharedIDs() (problems []shape.Problem) {
	first := map[string]located{}
	for _, name := range Names() {
		for _, e := range a[name] {
			id := e.text("id")
			if id == "" {
				continue
			}
			if before, again := first[id]; again {
				problems = append(problems, shape.At(e.path, "has the id of %s", before.path)...)
				continue
			}
			first[id] = e
		}
	}
	return problems
}

// looseEnds finds relationships from or to an entity that isn't in the answer.
// An id that the platform's store gave may stand for one that is there.
func (a answer) looseEnds() (problems []shape.Problem) {
	known := a.byID()
	for _, r := range a["relationships"] {
		for _, end := range []string{"source_ref", "target_ref"} {
			id := r.text(end)
			if _, ok := known[id]; !ok && anyTransient.MatchString(id) {
				problems = append(problems, shape.At(r.path+"."+end, "%s is no entity of this answer", shape.Quote(id))...)
			}
		}
	}
	return problems
}

// strayVerdicts finds verdicts that don't follow from the judgement that they
// name, and, as warnings, verdicts whose judgement isn't in the answer.
func (a answer) strayVerdicts() (problems []shape.Problem) {
	known := a.byID()
	for _, v := range a["verdicts"] {
		id := v.text("judgement_id")
		if id == "" {
			continue
		}
		j, ok := known[id]
		switch {
		case !ok:
			problems = append(problems, shape.Problem{Path: v.path + ".judgement_id", Text: shape.Quote(id) + " is no judgement of this answer", Warning: true})
		case fmt.Sprint(j.fields["disposition"]) != fmt.Sprint(v.fields["disposition"]):
			problems = append(problems, shape.At(v.path, "disposition %v is not the %v of its judgement, %s", v.fields["disposition"], j.fields["disposition"], j.path)...)
		case fmt.Sprint(j.fields["observable"]) != fmt.Sprint(v.fields["observable"]):
			problems = append(problems, shape.At(v.path, "its judgement, %s, is about another observable", j.path)...)
		}
	}
	return append(problems, a.secondVerdicts()...)
}

// secondVerdicts finds observables with more than one verdict.
func (a answer) secondVerdicts() (problems []shape.Problem) {
	seen := map[string]string{}
	for _, v := range a["verdicts"] {
		about := fmt.Sprint(v.fields["observable"])
		if before, again := seen[about]; again {
			problems = append(problems, shape.Problem{Path: v.path, Text: "is about the observable of " + before, Warning: true})
			continue
		}
		seen[about] = v.path
	}
	return problems
}
