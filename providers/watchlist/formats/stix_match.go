package formats

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
)

// match has the observables that an alternative of a pattern needs.
type match struct {
	// groups are sets of observables. The alternative matches if all observables of
	// one group are seen. It has several if it has several hashes of one file.
	groups [][]ctim.Observable
	// notes are the rest of the alternative in words, such as "Port: 80".
	notes []string
}

// maxGroups is the largest number of groups of an alternative.
const maxGroups = 100

// matchOf returns the match of an alternative. The error is the reason why it can't be
// matched. An AND narrows only if its operands name different things: each hash of a
// file identifies the file, and a port, a size or a custom property only describes a
// thing that is named.
func matchOf(a stixpattern.Alternative) (match, error) {
	if a.Obstacle != "" {
		return match{}, errors.New(a.Obstacle)
	}
	var m match
	// subjects are the named things, in the pattern's order: see subjectOf.
	var subjects []string
	named := map[string][]ctim.Observable{}
	var unmatched error
	name := func(c stixpattern.Comparison) {
		member, err := memberOf(c)
		if err != nil {
			unmatched = cmp.Or(unmatched, err)
			return
		}
		subject := subjectOf(c, member)
		if !slices.Contains(subjects, subject) {
			subjects = append(subjects, subject)
		}
		if !slices.Contains(named[subject], member) {
			named[subject] = append(named[subject], member)
		}
	}
	var descriptions []stixpattern.Comparison
	for _, c := range a.Comparisons {
		if len(a.Comparisons) > 1 && isDescription(c) {
			descriptions = append(descriptions, c)
		} else {
			name(c)
		}
	}
	for _, c := range descriptions {
		note, ok := describe(c, named)
		if !ok {
			name(c)
		} else if note != "" {
			m.notes = append(m.notes, note)
		}
	}
	switch {
	case unmatched != nil && len(a.Comparisons) > 1:
		return match{}, fmt.Errorf("AND with a part that can't be matched: %w", unmatched)
	case unmatched != nil:
		return match{}, unmatched
	}
	m.groups = [][]ctim.Observable{nil}
	for _, subject := range subjects {
		var more [][]ctim.Observable
		for _, group := range m.groups {
			for _, o := range named[subject] {
				more = append(more, append(slices.Clip(group), o))
			}
		}
		if m.groups = more; len(more) > maxGroups {
			return match{}, stixpattern.ErrTooMany
		}
	}
	return m, nil
}

// subjectOf identifies the thing that a comparison names. Hashes of one file have the
// same subject. Every other value is a subject of its own.
func subjectOf(c stixpattern.Comparison, o ctim.Observable) string {
	if hashes := len(c.Path.Steps) - 1; family(o.Type) == anyHash && hashes > 0 {
		return fileOf(c, hashes-1)
	}
	return string(o.Type) + "\x00" + o.Value
}

// fileOf identifies the file to which the first steps of a path lead.
func fileOf(c stixpattern.Comparison, steps int) string {
	path := stixpattern.Path{Object: c.Path.Object, Steps: c.Path.Steps[:steps]}
	return fmt.Sprintf("%d %s", c.Observation, path)
}

// isDescription reports whether a comparison beside others describes something rather
// than naming it.
func isDescription(c stixpattern.Comparison) bool {
	last := len(c.Path.Steps) - 1
	step := c.Path.Steps[last].Name
	switch c.Path.Object {
	case "file", "artifact":
		if last > 0 && c.Path.Steps[last-1].Name == "hashes" {
			_, known := hashTypes[strings.ToLower(step)]
			return !known
		}
		return true
	case "network-traffic":
		return !strings.HasSuffix(c.Path.String(), "_ref.value") && !strings.Contains(c.Path.String(), "request_header")
	case "windows-registry-key":
		return step != "key"
	case "email-addr":
		return step != "value"
	}
	isReference := last > 0 && step == "type" && strings.Contains(c.Path.Steps[last-1].Name, "_ref")
	return isReference || isCustom(c.Path)
}

// isCustom reports whether a path leads to a custom property.
func isCustom(p stixpattern.Path) bool {
	return slices.ContainsFunc(p.Steps, func(s stixpattern.Step) bool { return strings.HasPrefix(s.Name, "x_") })
}

// describe returns a comparison that isDescription in words, or "" if they are of no use.
// ok is false if none of the named things can be its subject.
func describe(c stixpattern.Comparison, named map[string][]ctim.Observable) (note string, ok bool) {
	last := len(c.Path.Steps) - 1
	step := c.Path.Steps[last].Name
	isNamed := func(types ...ctim.ObservableType) bool {
		for _, all := range named {
			if slices.ContainsFunc(all, func(o ctim.Observable) bool { return slices.Contains(types, o.Type) }) {
				return true
			}
		}
		return false
	}
	value := ""
	if c.Operator == stixpattern.Equal && !c.Negated && len(c.Values) == 1 {
		value = shown(c.Values[0].Text)
	}
	labelled := func(label string) string {
		if value == "" {
			return ""
		}
		return label + value
	}
	switch {
	case isCustom(c.Path), step == "type":
		return "", len(named) > 0
	case c.Path.Object == "file" || c.Path.Object == "artifact":
		about := named[fileOf(c, last)]
		if last > 0 && c.Path.Steps[last-1].Name == "hashes" {
			about = named[fileOf(c, last-1)]
		}
		if step == "name" {
			return labelled("File name: "), len(about) > 0
		}
		return "", len(about) > 0
	case c.Path.Object == "windows-registry-key":
		if step == "name" {
			return labelled("Registry value: "), isNamed(ctim.TypeRegistryKey)
		}
		return "", isNamed(ctim.TypeRegistryKey)
	case c.Path.Object == "email-addr":
		return "", isNamed(ctim.TypeEmail)
	case step == "dst_port":
		note = labelled("Port: ")
	case step == "src_port":
		note = labelled("Source port: ")
	}
	return note, isNamed(ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL)
}

// memberOf returns the observable of a comparison. The error is the reason why it can't
// be matched.
func memberOf(c stixpattern.Comparison) (ctim.Observable, error) {
	kind, known := pathType(c.Path)
	switch {
	case !known:
		return ctim.Observable{}, errors.New(shown(c.Path.String()) + " is not an observable")
	case c.Negated:
		return ctim.Observable{}, errors.New("NOT can't be matched")
	case c.Operator == stixpattern.Like, c.Operator == stixpattern.Matches:
		return ctim.Observable{}, errors.New(string(c.Operator) + " can't be matched exactly")
	case c.Operator == stixpattern.IsSubset && (kind == ctim.TypeIP || kind == ctim.TypeIPv6):
	case c.Operator != stixpattern.Equal:
		return ctim.Observable{}, errors.New(string(c.Operator) + " can't be matched")
	}
	switch c.Values[0].Kind {
	case stixpattern.String, stixpattern.Integer, stixpattern.Hex:
	default:
		return ctim.Observable{}, errors.New("the value is not a text")
	}
	r, err := readValue(kind, c.Values[0].Text)
	if err == nil && r.subdomains {
		err = errors.New("a wildcard, which = compares literally")
	}
	return r.observable, err
}
