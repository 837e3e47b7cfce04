package stixpattern

import (
	"errors"
	"slices"
	"strings"
)

// ErrTooMany reports that a pattern has too many alternatives to list.
var ErrTooMany = errors.New("the pattern has too many alternatives")

// Alternative is a set of comparisons. The pattern matches if all of them do.
type Alternative struct {
	// Comparisons has each comparison once. None has the operator In, unless
	// it is negated.
	Comparisons []Comparison
	// Obstacle is why the comparisons don't decide, or "" if they do: the alternative
	// has FOLLOWEDBY or a qualifier.
	Obstacle string
	// Text is the alternative as a pattern. It may end with the obstacle.
	Text string
}

// Alternatives returns the alternatives of an expression, which matches if one of them
// does. OR and IN make one for each operand and value, and AND combines them. They are
// in the pattern's order, without duplicates. An AND that contains FOLLOWEDBY or a
// qualifier is one alternative.
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

// alternatives builds the alternatives, which sizeOf has limited.
func alternatives(e Expression) []Alternative {
	if reason := obstacle(e); reason != "" {
		return []Alternative{{Text: e.String(), Obstacle: reason}}
	}
	switch e := e.(type) {
	case Comparison:
		return split(e)
	case Group:
		if e.Keyword == "OR" {
			return anyOf(e.Operands)
		}
		return allOf(e.Operands)
	}
	return nil
}

// obstacle returns why nothing of an expression can be matched, or "".
func obstacle(e Expression) string {
	g, ok := e.(Group)
	switch {
	case !ok || g.Keyword == "OR":
		return ""
	case g.Keyword != "AND":
		return g.Keyword + " can't be matched"
	}
	for _, operand := range g.Operands {
		if reason := obstacle(operand); reason != "" {
			return reason
		}
	}
	return ""
}

// split returns a comparison with "=" for each value of an IN.
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

// pathText returns the path of a comparison with IN as the pattern has it: what is before
// IN, the last name before the first parenthesis.
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

// Quote returns a string as a literal: in single quotes, with quotes and backslashes
// escaped.
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

// allOf returns the product of the operands' alternatives. The last operand's change
// fastest.
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

// together joins alternatives into one, up to the first with an obstacle.
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
