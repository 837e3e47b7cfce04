package rules

import (
	"fmt"
	"slices"
)

// observed accepts the data of /observe/observables: entities of any kind that are
// valid and fit together. The references of an invalid entity are checked as far as
// they can be read.
func observed() rule {
	f := fields{}
	for _, k := range kinds() {
		f[k.list] = optional(docs(k.rule))
	}
	each := object(f)
	return func(path string, value any) []Problem {
		b := readBundle(path, value)
		return slices.Concat(each(path, value), b.repeatedIDs(), b.missingEnds(), b.strayVerdicts(), b.repeatedVerdicts())
	}
}

// deliberated accepts the data of /deliberate/observables: verdicts.
func deliberated() rule {
	each := object(fields{"verdicts": optional(docs(verdict().rule))})
	return func(path string, value any) []Problem {
		return slices.Concat(each(path, value), readBundle(path, value).repeatedVerdicts())
	}
}

// located is an entity and its path.
type located struct {
	path    string
	members map[string]any
}

// text returns a member that should be a string, or "".
func (l located) text(name string) string {
	text, _ := l.members[name].(string)
	return text
}

// bundle contains the entities of a response by the names of their lists and by their
// ids. If two have the same id, byID contains the first.
type bundle struct {
	lists map[string][]located
	byID  map[string]located
}

// readBundle returns the entities in the data of a response.
func readBundle(path string, value any) bundle {
	b := bundle{map[string][]located{}, map[string]located{}}
	data, _ := value.(map[string]any)
	for _, k := range kinds() {
		members, _ := data[k.list].(map[string]any)
		docs, _ := members["docs"].([]any)
		for i, doc := range docs {
			entity := located{path: item(member(member(path, k.list), "docs"), i)}
			entity.members, _ = doc.(map[string]any)
			b.lists[k.list] = append(b.lists[k.list], entity)
			if _, again := b.byID[entity.text("id")]; !again {
				b.byID[entity.text("id")] = entity
			}
		}
	}
	return b
}

// repeatedIDs finds entities with the id of another.
func (b bundle) repeatedIDs() (problems []Problem) {
	for _, k := range kinds() {
		for _, e := range b.lists[k.list] {
			if first := b.byID[e.text("id")]; e.text("id") != "" && first.path != e.path {
				problems = append(problems, at(e.path+".id", "is the id of %s, too: each entity needs its own", first.path)...)
			}
		}
	}
	return problems
}

// missingEnds finds relationships from or to an entity that isn't in the
// response. Only the ids of stored entities may refer elsewhere.
func (b bundle) missingEnds() (problems []Problem) {
	for _, r := range b.lists["relationships"] {
		for _, end := range []string{"source_ref", "target_ref"} {
			id := r.text(end)
			if _, ok := b.byID[id]; !ok && transientID.MatchString(id) {
				problems = append(problems, at(r.path+"."+end, "must be the id of an entity of this response, is %s", quote(id))...)
			}
		}
	}
	return problems
}

// strayVerdicts finds verdicts that differ from the judgement that they name. The name
// of a judgement outside the response is a warning.
func (b bundle) strayVerdicts() (problems []Problem) {
	for _, v := range b.lists["verdicts"] {
		id := v.text("judgement_id")
		if id == "" {
			continue
		}
		j, ok := b.byID[id]
		switch {
		case !ok:
			problems = append(problems, warnAt(v.path+".judgement_id", "should be the id of a judgement of this response, is %s", quote(id))...)
		case fmt.Sprint(j.members["disposition"]) != fmt.Sprint(v.members["disposition"]):
			problems = append(problems, at(v.path+".disposition", "must be %s as in its judgement, %s, is %s", describe(j.members["disposition"]), j.path, describe(v.members["disposition"]))...)
		case fmt.Sprint(j.members["observable"]) != fmt.Sprint(v.members["observable"]):
			problems = append(problems, at(v.path+".observable", "must be that of its judgement, %s", j.path)...)
		}
	}
	return problems
}

// repeatedVerdicts finds observables with more than one verdict, which is a warning:
// it is unclear which one counts.
func (b bundle) repeatedVerdicts() (problems []Problem) {
	first := map[string]string{}
	for _, v := range b.lists["verdicts"] {
		observable := fmt.Sprint(v.members["observable"])
		if before, again := first[observable]; again {
			problems = append(problems, warnAt(v.path, "is about the same observable as %s", before)...)
			continue
		}
		first[observable] = v.path
	}
	return problems
}
