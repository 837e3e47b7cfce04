package stixpattern

import (
	"errors"
	"slices"
)

const (
	// maxComparisons is how many comparisons are built for one pattern. Only patterns
	// that multiply, "(a OR b) AND (c OR d) AND ...", come near it.
	maxComparisons = 100_000
	// maxTogether is how many comparisons one alternative may have.
	maxTogether = 100
	// maxText bounds the text that is built, in bytes. An alternative counts once for
	// each of its comparisons, since each may be looked up with it. A pattern of a
	// megabyte that only lists values stays far below.
	maxText = 8 << 20
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

// budget counts what was built for a pattern, so that a short pattern can't build
// billions of alternatives.
type budget struct{ comparisons, text int }

// spend counts an alternative. The error is ErrTooMany.
func (b *budget) spend(a Alternative) error {
	b.comparisons += len(a.Comparisons)
	b.text += len(a.Text) * len(a.Comparisons)
	if len(a.Comparisons) > maxTogether || b.comparisons > maxComparisons || b.text > maxText {
		return ErrTooMany
	}
	return nil
}

// split returns the alternatives of a comparison: one, or one for each value of IN.
func (b *budget) split(c Comparison, path string) (all []Alternative, err error) {
	parts := []Comparison{c}
	if c.Operator == In && !c.Negated {
		parts = parts[:0]
		for _, value := range c.Values {
			one := c
			one.Operator, one.Values, one.text = Equal, []Literal{value}, path+" = "+value.source
			parts = append(parts, one)
		}
	}
	for _, part := range parts {
		a := Alternative{Comparisons: []Comparison{part}, Text: part.text}
		if err := b.spend(a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// product joins an alternative with each combination of the operands' alternatives.
// Those of the last operand change fastest.
func (b *budget) product(joined Alternative, operands [][]Alternative) (all []Alternative, err error) {
	if len(operands) == 0 || joined.Obstacle != "" || len(joined.Comparisons) > maxTogether {
		return []Alternative{joined}, b.spend(joined)
	}
	for _, a := range operands[0] {
		more, err := b.product(joined.and(a), operands[1:])
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// and returns an alternative with the comparisons of both, or with the obstacle.
func (a Alternative) and(other Alternative) Alternative {
	add := func(text string) {
		if a.Text != "" {
			a.Text += " AND "
		}
		a.Text += text
	}
	if other.Obstacle != "" {
		add(other.Text)
		a.Obstacle = other.Obstacle
		return a
	}
	a.Comparisons = slices.Clip(a.Comparisons)
	for _, c := range other.Comparisons {
		if !slices.ContainsFunc(a.Comparisons, func(had Comparison) bool { return had.text == c.text }) {
			a.Comparisons = append(a.Comparisons, c)
			add(c.text)
		}
	}
	return a
}

// unique returns the alternatives without duplicates.
func unique(all []Alternative) []Alternative {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(all, func(a Alternative) bool {
		duplicate := seen[a.Text]
		seen[a.Text] = true
		return duplicate
	})
}
