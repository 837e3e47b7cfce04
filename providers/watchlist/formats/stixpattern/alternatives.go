package stixpattern

import (
	"errors"
	"slices"
	"strings"
)

// ErrTooMany says that a pattern has too many alternatives to list.
var ErrTooMany = errors.New("the pattern has too many alternatives")

// Alternative is one way in which a pattern can hold: all of its comparisons
// do.
type Alternative struct {
	// Comparisons has each comparison once. None has the operator In, unless
	// it is negated.
	Comparisons []Comparison
	// Obstacle says why the comparisons alone can't decide, and is empty where
	// they can: the alternative has FOLLOWEDBY or a qualifier in it.
	Obstacle string
	// Text is the alternative as a pattern would have it. Where there is an
	// obstacle, it may end with that.
	Text string
}

// Alternatives takes an expression apart: it holds where one of the
// alternatives does. OR and IN give one for each operand and value, AND
// combines them. They come in the pattern's order, without duplicates.
//
// An AND in which FOLLOWEDBY or a qualifier stands can't hold without it, and
// stays whole.
//
// The error is ErrTooMany, for more than 100 comparisons in one alternative,
// 100,000 in all, or 8 MB of text, counting an alternative's as often as it has
// comparisons. Repeated ones count too.
func Alternatives(e Expression) ([]Alternative, error) {
	if _, err := sizeOf(e); err != nil {
		return nil, err
	}
	found := alternatives(e)
	seen := make(map[string]bool, len(found))
	return slices.DeleteFunc(found, func(a Alternative) bool {
		duplicate := seen[a.Text]
		seen[a.Text] = true
		return duplicate
	}), nil
}

// alternatives builds what sizeOf has found to be few enough.
func alternatives(e Expression) []Alternative {
	if reason := obstacle(e); reason != "" {
		return []Alternative{{Text: e.String(), Obstacle: reason}}
	}
	switch e := e.(type) {
	case Comparison:
		return split(e)
	case Or:
		return anyOf(e.Operands)
	case And:
		return allOf(e.Operands)
	default:
		return nil
	}
}

// obstacle is why nothing of an expression can be matched, and empty where
// something may be.
func obstacle(e Expression) string {
	switch e := e.(type) {
	case Qualified:
		return string(e.Qualifier) + " can't be matched"
	case FollowedBy:
		return "FOLLOWEDBY can't be matched"
	case And:
		for _, operand := range e.Operands {
			if reason := obstacle(operand); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// split makes a comparison with "=" of each value of an IN.
func split(c Comparison) []Alternative {
	if c.Operator != In || c.Negated {
		return []Alternative{{Comparisons: []Comparison{c}, Text: c.text}}
	}
	path := pathText(c)
	found := make([]Alternative, 0, len(c.Values))
	for _, value := range c.Values {
		one := Comparison{Path: c.Path, Operator: Equal, Values: []Literal{value}, Observation: c.Observation, text: path + " = " + value.quoted()}
		found = append(found, Alternative{Comparisons: []Comparison{one}, Text: one.text})
	}
	return found
}

// pathText is the path of a comparison with IN as it stands in the pattern: what
// comes before the last name that comes before the first parenthesis.
func pathText(c Comparison) string {
	l := lexer{input: c.text}
	before, last := 0, 0
	for {
		t, err := l.next()
		if err != nil || t.kind == "(" || t.kind == endToken {
			return c.text[:before]
		}
		before, last = last, t.end
	}
}

func (l Literal) quoted() string {
	prefix := ""
	switch l.Kind {
	case Integer, Float, Boolean:
		return l.Text
	case Timestamp:
		prefix = "t"
	case Hex:
		prefix = "h"
	case Binary:
		prefix = "b"
	}
	return prefix + Quote(l.Text)
}

// Quote writes a string as a pattern has it: in single quotes, with a
// backslash before quotes and backslashes.
func Quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

func anyOf(operands []Expression) []Alternative {
	var all []Alternative
	for _, operand := range operands {
		all = append(all, alternatives(operand)...)
	}
	return all
}

// allOf makes an alternative of each way to take one from every operand. The
// last operand's change fastest.
func allOf(operands []Expression) []Alternative {
	choices := make([][]Alternative, len(operands))
	total := 1
	for i, operand := range operands {
		choices[i] = alternatives(operand)
		total *= len(choices[i])
	}
	all := make([]Alternative, total)
	taken := make([]Alternative, len(choices))
	for n := range all {
		rest := n
		for i, choice := range slices.Backward(choices) {
			taken[i] = choice[rest%len(choice)]
			rest /= len(choice)
		}
		all[n] = together(taken)
	}
	return all
}

// together is an alternative in which all of some hold, up to one that can't be
// matched.
func together(parts []Alternative) Alternative {
	var all Alternative
	var texts []string
	for _, part := range parts {
		if part.Obstacle != "" {
			all.Obstacle = part.Obstacle
			texts = append(texts, part.Text)
			break
		}
		for _, c := range part.Comparisons {
			same := func(other Comparison) bool { return other.text == c.text }
			if !slices.ContainsFunc(all.Comparisons, same) {
				all.Comparisons = append(all.Comparisons, c)
				texts = append(texts, c.text)
			}
		}
	}
	all.Text = strings.Join(texts, " AND ")
	return all
}
