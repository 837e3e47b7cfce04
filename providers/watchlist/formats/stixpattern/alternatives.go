package stixpattern

import (
	"errors"
	"slices"
	"strings"
)

const (
	// maxComparisons is how many comparisons are built for one pattern. Only patterns
	// that multiply, "(a OR b) AND (c OR d) AND ...", come near it.
	maxComparisons = 100_000
	// maxTogether is how many comparisons one alternative may have.
	maxTogether = 100
	// maxText bounds the text that is built, in bytes. It counts an alternative as
	// often as it has comparisons, since each of them may be looked up with it. A
	// pattern of a megabyte that only lists values stays far below.
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
func (b *budget) split(c Comparison, path string) ([]Alternative, error) {
	if c.Operator != In || c.Negated {
		a := Alternative{Comparisons: []Comparison{c}, Text: c.text}
		return []Alternative{a}, b.spend(a)
	}
	all := make([]Alternative, 0, len(c.Values))
	for _, value := range c.Values {
		one := Comparison{Path: c.Path, Operator: Equal, Values: []Literal{value}, Observation: c.Observation, text: path + " = " + value.pattern()}
		a := Alternative{Comparisons: []Comparison{one}, Text: one.text}
		if err := b.spend(a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// product joins the alternatives of operands. Those of the last operand change fastest.
func (b *budget) product(operands [][]Alternative) ([]Alternative, error) {
	var all []Alternative
	chosen := make([]int, len(operands)) // the index of an alternative for each operand
	for {
		joined := join(operands, chosen)
		if err := b.spend(joined); err != nil {
			return nil, err
		}
		all = append(all, joined)
		i := len(operands) - 1
		for ; i >= 0; i-- {
			if chosen[i]++; chosen[i] < len(operands[i]) {
				break
			}
			chosen[i] = 0
		}
		if i < 0 {
			return all, nil
		}
	}
}

// join joins the chosen alternatives into one, up to the first obstacle, or until it has
// too many comparisons.
func join(operands [][]Alternative, chosen []int) Alternative {
	var joined Alternative
	var texts []string
	for i, operand := range operands {
		a := operand[chosen[i]]
		if a.Obstacle != "" {
			joined.Obstacle = a.Obstacle
			texts = append(texts, a.Text)
			break
		}
		for _, c := range a.Comparisons {
			same := func(other Comparison) bool { return other.text == c.text }
			if !slices.ContainsFunc(joined.Comparisons, same) {
				joined.Comparisons = append(joined.Comparisons, c)
				texts = append(texts, c.text)
			}
		}
		if len(joined.Comparisons) > maxTogether {
			break
		}
	}
	joined.Text = strings.Join(texts, " AND ")
	return joined
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
