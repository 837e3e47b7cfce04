package stixpattern

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// maxPattern is the longest pattern that is read, in bytes. A list of ten
	// thousand hashes fits.
	maxPattern = 1 << 20
	// maxDepth is how deep parentheses may be nested.
	maxDepth = 64
)

// SyntaxError reports that a text is not a pattern.
type SyntaxError struct {
	// Offset is the place of the error in bytes, from 0.
	Offset int
	// Reason describes the error.
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not a STIX pattern: at character %d: %s", e.Offset+1, e.Reason)
}

func errorAt(offset int, format string, args ...any) error {
	return &SyntaxError{Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// Parse returns the alternatives of a pattern, which matches if one of them does. OR
// and IN make one for each operand and value, and AND combines them. They are in the
// pattern's order, without duplicates. An AND that contains FOLLOWEDBY or a qualifier
// is one alternative.
//
// The pattern may have a megabyte, and parentheses at most 64 deep. The error is a
// *SyntaxError. It is ErrTooMany for more than 100 comparisons in one alternative, or
// if more than 100,000 comparisons or 8 MB of text have to be built.
func Parse(pattern string) ([]Alternative, error) {
	if len(pattern) > maxPattern {
		return nil, errorAt(maxPattern, "longer than %d bytes", maxPattern)
	}
	p := parser{lexer: lexer{input: pattern}}
	p.advance()
	all := p.sequence()
	if p.token.kind != endToken {
		p.unexpected("the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return unique(all), nil
}

// parser is a recursive-descent parser with a method for each level of precedence, from
// FOLLOWEDBY to a comparison. After an error, all further tokens are the end.
type parser struct {
	lexer lexer
	// token is the next token, and end the end of the previous one.
	token token
	end   int
	depth int
	// observations counts the opened square brackets.
	observations int
	budget       budget
	// err is the first error.
	err error
}

// fail sets the error unless there is one, and skips the rest of the pattern.
func (p *parser) fail(err error) {
	if err != nil && p.err == nil {
		p.err = err
		p.end = len(p.lexer.input)
		p.lexer.at, p.token = p.end, token{kind: endToken, start: p.end, end: p.end}
	}
}

func (p *parser) advance() {
	p.end = p.token.end
	token, err := p.lexer.next()
	p.token = token
	p.fail(err)
}

func (p *parser) text(start int) string { return p.lexer.input[start:p.end] }

func (p *parser) word() string { return p.lexer.input[p.token.start:p.token.end] }

func (p *parser) isKeyword(keyword string) bool {
	return p.token.kind == nameToken && strings.EqualFold(p.word(), keyword)
}

func (p *parser) isLiteral(kinds ...LiteralKind) bool {
	return p.token.kind == literalToken && slices.Contains(kinds, p.token.literal.Kind)
}

// accept skips the keyword if it is next.
func (p *parser) accept(keyword string) bool {
	if !p.isKeyword(keyword) {
		return false
	}
	p.advance()
	return true
}

// expect skips a symbol that must be next.
func (p *parser) expect(kind tokenKind) {
	if p.token.kind != kind {
		p.unexpected("'" + string(kind) + "'")
	}
	p.advance()
}

func (p *parser) unexpected(wanted string) {
	found := p.word()
	if p.token.kind == endToken {
		found = string(endToken)
	} else if len(found) > 40 {
		found = strings.ToValidUTF8(found[:40], "") + "…"
	}
	p.fail(errorAt(p.token.start, "%s is expected, not %s", wanted, found))
}

// chain parses operands with a keyword between them, and combines their alternatives.
func (p *parser) chain(keyword string, operand func() []Alternative) []Alternative {
	start := p.token.start
	operands := [][]Alternative{operand()}
	for p.accept(keyword) {
		operands = append(operands, operand())
	}
	switch {
	case p.err != nil || len(operands) == 1:
		return operands[0]
	case keyword == "OR":
		return slices.Concat(operands...)
	case keyword == "FOLLOWEDBY":
		return p.unmatchable("FOLLOWEDBY can't be matched", start)
	}
	for _, o := range operands {
		if len(o) == 1 && o[0].Obstacle != "" { // nothing of it can be matched
			return p.unmatchable(o[0].Obstacle, start)
		}
	}
	all, err := p.budget.product(Alternative{}, operands)
	p.fail(err)
	return all
}

// unmatchable returns the text from start as an alternative with an obstacle.
func (p *parser) unmatchable(obstacle string, start int) []Alternative {
	return []Alternative{{Obstacle: obstacle, Text: p.text(start)}}
}

func (p *parser) sequence() []Alternative { return p.chain("FOLLOWEDBY", p.anyObservation) }

func (p *parser) anyObservation() []Alternative { return p.chain("OR", p.allObservations) }

func (p *parser) allObservations() []Alternative { return p.chain("AND", p.observation) }

func (p *parser) observation() []Alternative {
	start := p.token.start
	var all []Alternative
	switch p.token.kind {
	case "[":
		p.observations++
		all = p.enclosed("]", p.anyComparison)
	case "(":
		all = p.enclosed(")", p.sequence)
	default:
		p.unexpected("'['")
	}
	for {
		keyword := strings.ToUpper(p.word())
		switch {
		case p.accept("WITHIN"):
			p.qualifier("SECONDS", Integer, Float)
		case p.accept("REPEATS"):
			p.qualifier("TIMES", Integer)
		case p.accept("START"):
			p.qualifier("STOP", Timestamp, String)
			p.qualifier("", Timestamp, String)
		default:
			return all
		}
		all = p.unmatchable(keyword+" can't be matched", start)
	}
}

// enclosed parses the content between the next bracket and its partner.
func (p *parser) enclosed(closing tokenKind, content func() []Alternative) []Alternative {
	if p.depth == maxDepth {
		p.fail(errorAt(p.token.start, "brackets more than %d deep", maxDepth))
		return nil
	}
	p.depth++
	p.advance()
	all := content()
	p.expect(closing)
	p.depth--
	return all
}

// qualifier skips a value, and the keyword after it unless that is "".
func (p *parser) qualifier(keyword string, kinds ...LiteralKind) {
	if !p.isLiteral(kinds...) {
		p.unexpected("the qualifier's value")
	}
	p.advance()
	if keyword != "" && !p.accept(keyword) {
		p.unexpected(keyword)
	}
}

func (p *parser) anyComparison() []Alternative { return p.chain("OR", p.allComparisons) }

func (p *parser) allComparisons() []Alternative { return p.chain("AND", p.comparison) }

func (p *parser) comparison() []Alternative {
	if p.token.kind == "(" {
		return p.enclosed(")", p.anyComparison)
	}
	start := p.token.start
	c := Comparison{Observation: p.observations, Negated: p.accept("NOT")}
	exists := p.accept("EXISTS")
	if c.Negated && !exists {
		p.unexpected("EXISTS")
	}
	c.Path = p.path()
	path := p.text(start)
	if exists {
		c.Operator = Exists
	} else {
		p.test(&c)
	}
	if p.err != nil {
		return nil
	}
	c.text = p.text(start)
	all, err := p.budget.split(c, path)
	p.fail(err)
	return all
}

func (p *parser) path() Path {
	path := Path{Object: p.word()}
	if p.token.kind != nameToken {
		p.unexpected("an object path")
	}
	p.advance()
	p.expect(":")
	path.Steps = append(path.Steps, p.step())
	for p.token.kind == "." {
		p.advance()
		path.Steps = append(path.Steps, p.step())
	}
	return path
}

func (p *parser) step() string {
	name := p.word()
	switch {
	case p.isLiteral(String):
		name = p.token.literal.Text
	case p.token.kind != nameToken:
		p.unexpected("a property's name")
	}
	p.advance()
	if p.token.kind != "[" {
		return name
	}
	p.advance()
	if p.token.kind != "*" && !p.isLiteral(Integer) {
		p.unexpected("an index")
	}
	p.advance()
	p.expect("]")
	return name + "[*]"
}

// test parses the operator and the values of a comparison.
func (p *parser) test(c *Comparison) {
	c.Negated = p.accept("NOT")
	switch word := Operator(strings.ToUpper(p.word())); {
	case slices.Contains([]tokenKind{"=", "!=", "<", "<=", ">", ">="}, p.token.kind):
		c.Operator = Operator(p.token.kind)
		p.advance()
		p.value(c)
	case p.accept(string(In)):
		c.Operator = In
		p.set(c)
	case slices.Contains([]Operator{Like, Matches, IsSubset, IsSuperset}, word):
		c.Operator = word
		p.advance()
		if !p.isLiteral(String) {
			p.unexpected("a string")
		}
		p.value(c)
	default:
		p.unexpected("an operator")
	}
}

func (p *parser) set(c *Comparison) {
	p.expect("(")
	p.value(c)
	for p.token.kind == "," {
		p.advance()
		p.value(c)
	}
	p.expect(")")
}

func (p *parser) value(c *Comparison) {
	switch {
	case p.token.kind == literalToken:
		c.Values = append(c.Values, p.token.literal)
	case p.isKeyword("true"), p.isKeyword("false"):
		c.Values = append(c.Values, Literal{Boolean, strings.ToLower(p.word()), p.word()})
	default:
		p.unexpected("a value")
	}
	p.advance()
}
