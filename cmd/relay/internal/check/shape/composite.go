package shape

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Field is what an object's member must be, and whether it must be there.
type Field struct {
	rule     Rule
	required bool
}

// Required is a member that must be there.
func Required(rule Rule) Field { return Field{rule, true} }

// Optional is a member that may be left out. null is not the same as left out.
func Optional(rule Rule) Field { return Field{rule, false} }

// Fields are an object's members by name.
type Fields map[string]Field

// With are these fields and more; of two of one name the latter counts.
func (f Fields) With(more Fields) Fields {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// Object has these members and no others.
func Object(fields Fields) Rule { return object(fields, false) }

// OpenObject has these members and may have others.
func OpenObject(fields Fields) Rule { return object(fields, true) }

func object(fields Fields, open bool) Rule {
	names := slices.Sorted(maps.Keys(fields))
	return func(path string, value any) (problems []Problem) {
		members, ok := value.(map[string]any)
		if !ok {
			return mistaken(path, "an object", value)
		}
		for _, name := range names {
			field := fields[name]
			switch v, there := members[name]; {
			case there:
				problems = append(problems, field.rule(member(path, name), v)...)
			case field.required:
				problems = append(problems, At(path, "%s is missing", name)...)
			}
		}
		if open {
			return problems
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if _, known := fields[name]; !known {
				problems = append(problems, At(path, "%s is not a field that is known here", Quote(name))...)
			}
		}
		return problems
	}
}

// MapOf is an object whose members all follow the rule, whatever their names.
func MapOf(rule Rule) Rule {
	return All(OpenObject(nil), func(path string, value any) (problems []Problem) {
		members := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			problems = append(problems, rule(member(path, name), members[name])...)
		}
		return problems
	})
}

// List is a list whose items all follow the rule.
func List(rule Rule) Rule {
	return func(path string, value any) (problems []Problem) {
		items, ok := value.([]any)
		if !ok {
			return mistaken(path, "a list", value)
		}
		for i, v := range items {
			problems = append(problems, rule(item(path, i), v)...)
		}
		return problems
	}
}

// Set is a List without repetitions.
func Set(rule Rule) Rule {
	return All(List(rule), func(path string, value any) (problems []Problem) {
		first := map[string]int{}
		for i, v := range value.([]any) {
			text, _ := json.Marshal(v) // what was decoded can be encoded
			if before, again := first[string(text)]; again {
				problems = append(problems, At(item(path, i), "is the same as %s", item(path, before))...)
				continue
			}
			first[string(text)] = i
		}
		return problems
	})
}

// Docs are entities as they stand in an answer: {"count": n, "docs": [...]},
// where n is how many there are and none is there twice. Without any they
// should not be there at all, which is a warning.
func Docs(doc Rule) Rule {
	fields := Object(Fields{"count": Required(Integer(0, MostInt)), "docs": Required(Set(doc))})
	return All(fields, func(path string, value any) []Problem {
		members := value.(map[string]any)
		count, _ := Int(members["count"])
		docs := members["docs"].([]any)
		if count != int64(len(docs)) {
			return At(path, "count is %d, and there are %d docs", count, len(docs))
		}
		if len(docs) == 0 {
			return []Problem{{Path: path, Text: "is there although it is empty", Warning: true}}
		}
		return nil
	})
}

// Span is an object with the times start_time and end_time, where the start is
// not after the end.
func Span(start, end func(Rule) Field) Rule {
	fields := Object(Fields{"start_time": start(Time()), "end_time": end(Time())})
	return All(fields, func(path string, value any) []Problem {
		members := value.(map[string]any)
		from, hasStart := moment(members["start_time"])
		until, hasEnd := moment(members["end_time"])
		if hasStart && hasEnd && from.After(until) {
			return At(path, "starts after it ends: %s, %s", members["start_time"], members["end_time"])
		}
		return nil
	})
}

func moment(value any) (time.Time, bool) {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}
