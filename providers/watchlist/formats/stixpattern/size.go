package stixpattern

import "errors"

const (
	// maxTotal is how many comparisons all alternatives of a pattern may have
	// together. Only patterns that multiply, "(a OR b) AND (c OR d) AND ...",
	// come near it.
	maxTotal = 100_000
	// maxTogether is how many comparisons may have to hold together.
	maxTogether = 100
	// maxHeld bounds size.held. A pattern of a megabyte that only lists values
	// stays far below.
	maxHeld = 8 << 20
)

// size is how much the alternatives of an expression are. It is found without
// building them: a short pattern may have billions.
type size struct {
	alternatives int64
	// comparisons are those of all alternatives; one that can't be matched
	// counts as one.
	comparisons int64
	// longest is the most that an alternative has.
	longest int64
	// text is the length in bytes of all alternatives.
	text int64
	// held is text with each alternative counted as often as it has
	// comparisons: what it takes to look it up by each of them.
	held int64
}

// sizeOf measures an expression. The error is ErrTooMany as soon as a part of
// it is too large, so that no number overflows.
func sizeOf(e Expression) (size, error) {
	if obstacle(e) != "" {
		return listed(1, len(e.String())).checked()
	}
	switch e := e.(type) {
	case Comparison:
		return e.size().checked()
	case Group:
		if e.Keyword == "OR" {
			return sizeOfAll(e.Operands, size{}, size.or)
		}
		return sizeOfAll(e.Operands, size{alternatives: 1}, size.and)
	}
	return size{}, errors.New("stixpattern: not an expression of this package")
}

func sizeOfAll(operands []Expression, sum size, add func(a, b size) size) (size, error) {
	for _, operand := range operands {
		s, err := sizeOf(operand)
		if err != nil {
			return size{}, err
		}
		if sum, err = add(sum, s).checked(); err != nil {
			return size{}, err
		}
	}
	return sum, nil
}

func (c Comparison) size() size {
	n, text := 1, len(c.text)
	if c.Operator == In && !c.Negated {
		n = len(c.Values)
		text += n * (len(pathText(c)) + len(" = "))
	}
	return listed(n, text)
}

// listed is the size of n alternatives with a comparison each.
func listed(n, text int) size {
	return size{alternatives: int64(n), comparisons: int64(n), longest: 1, text: int64(text), held: int64(text)}
}

func (s size) or(o size) size {
	return size{
		alternatives: s.alternatives + o.alternatives,
		comparisons:  s.comparisons + o.comparisons,
		longest:      max(s.longest, o.longest),
		text:         s.text + o.text,
		held:         s.held + o.held,
	}
}

func (s size) and(o size) size {
	both := size{
		alternatives: s.alternatives * o.alternatives,
		comparisons:  s.comparisons*o.alternatives + o.comparisons*s.alternatives,
		longest:      s.longest + o.longest,
		text:         s.text*o.alternatives + o.text*s.alternatives,
	}
	if s.longest > 0 {
		both.text += both.alternatives * int64(len(" AND "))
	}
	both.held = both.text * both.longest
	return both
}

func (s size) checked() (size, error) {
	if s.comparisons > maxTotal || s.longest > maxTogether || s.held > maxHeld {
		return size{}, ErrTooMany
	}
	return s, nil
}
