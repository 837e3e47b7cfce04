package rules

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"
)

// field is the rule for an object's member, and the rule for an object that has
// no such member.
type field struct{ rule, missing rule }

// required is a member that must be present.
func required(r rule) field {
	return field{r, func(path string, _ any) []Problem { return at(path, "is missing") }}
}

// expected is a member that should be present. Its absence is a warning.
func expected(r rule) field {
	return field{r, func(path string, _ any) []Problem { return warnAt(path, "is missing") }}
}

// optional is a member that may be absent. null is not the same as absent.
func optional(r rule) field { return field{r, anything} }

// fields are an object's members by name.
type fields map[string]field

// with returns these fields and more. Fields of more replace those of the same name.
func (f fields) with(more fields) fields {
	together := maps.Clone(f)
	maps.Copy(together, more)
	return together
}

// object accepts objects with these members and no others.
func object(f fields) rule {
	open := openObject(f)
	return func(path string, value any) []Problem {
		problems := open(path, value)
		members, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if _, known := f[name]; !known {
				problems = append(problems, at(member(path, name), "is not a known field: leave it out")...)
			}
		}
		return problems
	}
}

// openObject accepts objects with these members, and any others.
func openObject(f fields) rule {
	names := slices.Sorted(maps.Keys(f))
	return func(path string, value any) (problems []Problem) {
		members, ok := value.(map[string]any)
		if !ok {
			return mistaken(path, "an object", value)
		}
		for _, name := range names {
			check := f[name].missing
			v, ok := members[name]
			if ok {
				check = f[name].rule
			}
			problems = append(problems, check(member(path, name), v)...)
		}
		return problems
	}
}

// anyObject accepts objects.
func anyObject(path string, value any) []Problem { return openObject(nil)(path, value) }

// mapOf accepts objects with members of any name that all follow the rule.
func mapOf(r rule) rule {
	return all(anyObject, func(path string, value any) (problems []Problem) {
		members := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			problems = append(problems, r(member(path, name), members[name])...)
		}
		return problems
	})
}

// list accepts lists whose items all follow the rule.
func list(r rule) rule {
	return func(path string, value any) (problems []Problem) {
		items, ok := value.([]any)
		if !ok {
			return mistaken(path, "a list", value)
		}
		for i, v := range items {
			problems = append(problems, r(item(path, i), v)...)
		}
		return problems
	}
}

// anyList accepts lists.
func anyList(path string, value any) []Problem { return list(anything)(path, value) }

// set accepts lists without repetitions whose items all follow the rule.
func set(r rule) rule {
	return all(list(r), func(path string, value any) (problems []Problem) {
		first := map[string]int{}
		for i, v := range value.([]any) {
			text, _ := json.Marshal(v) // a decoded value can be encoded
			if before, again := first[string(text)]; again {
				problems = append(problems, at(item(path, i), "is the same as %s", item(path, before))...)
				continue
			}
			first[string(text)] = i
		}
		return problems
	})
}

// docs accepts entities as a response lists them, {"count": n, "docs": [...]}: n docs
// without repetitions. An empty list is a warning: it should be left out.
func docs(doc rule) rule {
	f := object(fields{"count": required(integer(0, math.MaxInt64)), "docs": required(set(doc))})
	return all(f, func(path string, value any) []Problem {
		members := value.(map[string]any)
		count, _ := whole(members["count"])
		docs := members["docs"].([]any)
		if count != int64(len(docs)) {
			return at(path, "count must be %d, the number of docs, is %d", len(docs), count)
		}
		if len(docs) == 0 {
			return warnAt(path, "is empty: leave it out")
		}
		return nil
	})
}

// span accepts objects with the times start_time and end_time if the start is not after
// the end. Each time follows the rule.
func span(r rule, start, end func(rule) field) rule {
	f := object(fields{"start_time": start(r), "end_time": end(r)})
	return all(f, func(path string, value any) []Problem {
		members := value.(map[string]any)
		from, hasStart := moment(members["start_time"])
		until, hasEnd := moment(members["end_time"])
		if hasStart && hasEnd && from.After(until) {
			return at(path, "must not start after it ends: starts %s, ends %s", members["start_time"], members["end_time"])
		}
		return nil
	})
}

// moment returns a value as a time, if it is one.
func moment(value any) (time.Time, bool) {
	text, _ := value.(string)
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}
