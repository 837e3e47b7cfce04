package stixpattern

import (
	"errors"
	"slices"
	"strings"
)

const (
	// maxTotal is how many comparisons all alternatives of a pattern may have
	// together. Only patterns that multiply, "(a OR b) AND (c OR d) AND ...",
	// come near it.
	maxTotal = 100_000
	// maxTogether is how many comparisons may have to hold together.
	maxTogether = 100
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
	// Text is the alternative as a pattern would have it.
	Text string
}

// Alternatives takes an expression apart: it holds where one of the
// alternatives does. OR and IN give one for each operand and value, AND
// combines them. They come in the pattern's order, without duplicates.
//
// The error is ErrTooMany, for more than 100 comparisons in one alternative or
// 100,000 in all.
func Alternatives(e Expression) ([]Alternative, error) {
	found, err := alternatives(e)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(found))
	return slices.DeleteFunc(found, func(a Alternative) bool {
		duplicate := seen[a.Text]
		seen[a.Text] = true
		return duplicate
	}), nil
}

func alternatives(e Expression) ([]Alternative, error) {
	switch e := e.(type) {
	case Comparison:
		return split(e), nil
	case Qualified:
		return []Alternative{{Text: e.text, Obstacle: string(e.Qualifier) + " can't be matched"}}, nil
	case FollowedBy:
		return []Alternative{{Text: e.text, Obstacle: "FOLLOWEDBY can't be matched"}}, nil
	case Or:
		return anyOf(e.Operands)
	case And:
		return allOf(e.Operands)
	default:
		return nil, errors.New("stixpattern: not an expression of this package")
	}
}

// split makes a comparison with "=" of each value of an IN.
func split(c Comparison) []Alternative {
	if c.Operator != In || c.Negated {
		return []Alternative{{Comparisons: []Comparison{c}, Text: c.text}}
	}
	path := strings.TrimSpace(c.text[:inAt(c)])
	var found []Alternative
	for _, value := range c.Values {
		one := Comparison{Path: c.Path, Operator: Equal, Values: []Literal{value}, text: path + " = " + value.quoted()}
		found = append(found, Alternative{Comparisons: []Comparison{one}, Text: one.text})
	}
	return found
}

// inAt is where the IN of a comparison stands in its text: the path before it
// may have the same letters, but nothing between IN and its parenthesis is a
// name.
func inAt(c Comparison) int {
	l := lexer{input: c.text}
	last := 0
	for {
		t, err := l.next()
		if err != nil || t.kind == "(" || t.kind == endToken {
			return last
		}
		last = t.start
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

func anyOf(operands []Expression) ([]Alternative, error) {
	var all []Alternative
	total := 0
	for _, operand := range operands {
		found, err := alternatives(operand)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			total += len(a.Comparisons)
		}
		if total > maxTotal {
			return nil, ErrTooMany
		}
		all = append(all, found...)
	}
	return all, nil
}

func allOf(operands []Expression) ([]Alternative, error) {
	all := []Alternative{{}}
	for _, operand := range operands {
		found, err := alternatives(operand)
		if err != nil {
			return nil, err
		}
		var product []Alternative
		total := 0
		for _, left := range all {
			for _, right := range found {
				both := left.and(right)
				total += len(both.Comparisons) + 1
				if total > maxTotal || len(both.Comparisons) > maxTogether {
					return nil, ErrTooMany
				}
				product = append(product, both)
			}
		}
		all = product
	}
	return all, nil
}

func (a Alternative) and(b Alternative) Alternative {
	if a.Text == "" {
		return b
	}
	both := Alternative{
		Comparisons: slices.Clone(a.Comparisons),
		Obstacle:    a.Obstacle,
		Text:        a.Text,
	}
	if both.Obstacle == "" {
		both.Obstacle = b.Obstacle
	}
	if len(b.Comparisons) == 0 {
		both.Text += " AND " + b.Text
	}
	for _, c := range b.Comparisons {
		same := func(other Comparison) bool { return other.text == c.text }
		if !slices.ContainsFunc(both.Comparisons, same) {
			both.Comparisons = append(both.Comparisons, c)
			both.Text += " AND " + c.text
		}
	}
	return both
}
