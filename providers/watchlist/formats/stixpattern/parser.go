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
	if err := p.advance(); err != nil {
		return nil, err
	}
	all, err := p.sequence()
	if err != nil {
		return nil, err
	}
	if p.token.kind != endToken {
		return nil, p.unexpected("the end")
	}
	return unique(all), nil
}

// parser is a recursive-descent parser with a method for each level of precedence, from
// FOLLOWEDBY to a comparison.
type parser struct {
	lexer lexer
	// token is the next token, and end the end of the previous one.
	token token
	end   int
	depth int
	// observations counts the opened square brackets.
	observations int
	budget       budget
}

func (p *parser) advance() error {
	p.end = p.token.end
	token, err := p.lexer.next()
	p.token = token
	return err
}

func (p *parser) text(start int) string { return p.lexer.input[start:p.end] }

func (p *parser) word() string { return p.lexer.input[p.token.start:p.token.end] }

func (p *parser) isKeyword(keyword string) bool {
	return p.token.kind == nameToken && strings.EqualFold(p.word(), keyword)
}

// accept skips the keyword if it is next.
func (p *parser) accept(keyword string) (bool, error) {
	if !p.isKeyword(keyword) {
		return false, nil
	}
	return true, p.advance()
}

// expect skips a symbol that must be next.
func (p *parser) expect(kind tokenKind) error {
	if p.token.kind != kind {
		return p.unexpected("'" + string(kind) + "'")
	}
	return p.advance()
}

func (p *parser) unexpected(wanted string) error {
	found := p.word()
	if p.token.kind == endToken {
		found = string(endToken)
	} else if len(found) > 40 {
		found = strings.ToValidUTF8(found[:40], "") + "…"
	}
	return errorAt(p.token.start, "%s is expected, not %s", wanted, found)
}

// chain parses operands with a keyword between them, and combines their alternatives.
func (p *parser) chain(keyword string, operand func() ([]Alternative, error)) ([]Alternative, error) {
	start := p.token.start
	first, err := operand()
	if err != nil || !p.isKeyword(keyword) {
		return first, err
	}
	operands := [][]Alternative{first}
	for p.isKeyword(keyword) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		next, err := operand()
		if err != nil {
			return nil, err
		}
		operands = append(operands, next)
	}
	switch keyword {
	case "OR":
		return slices.Concat(operands...), nil
	case "FOLLOWEDBY":
		return p.unmatchable("FOLLOWEDBY can't be matched", start), nil
	}
	for _, o := range operands {
		if len(o) == 1 && o[0].Obstacle != "" { // nothing of it can be matched
			return p.unmatchable(o[0].Obstacle, start), nil
		}
	}
	return p.budget.product(operands)
}

// unmatchable returns the text from start as an alternative with an obstacle.
func (p *parser) unmatchable(obstacle string, start int) []Alternative {
	return []Alternative{{Obstacle: obstacle, Text: p.text(start)}}
}

func (p *parser) sequence() ([]Alternative, error) {
	return p.chain("FOLLOWEDBY", p.anyObservation)
}

func (p *parser) anyObservation() ([]Alternative, error) {
	return p.chain("OR", p.allObservations)
}

func (p *parser) allObservations() ([]Alternative, error) {
	return p.chain("AND", p.observation)
}

func (p *parser) observation() ([]Alternative, error) {
	start := p.token.start
	var all []Alternative
	var err error
	switch p.token.kind {
	case "[":
		p.observations++
		all, err = p.enclosed("]", p.anyComparison)
	case "(":
		all, err = p.enclosed(")", p.sequence)
	default:
		return nil, p.unexpected("'['")
	}
	for err == nil {
		keyword := strings.ToUpper(p.word())
		switch {
		case p.isKeyword("WITHIN"):
			err = p.qualifier("SECONDS", Integer, Float)
		case p.isKeyword("REPEATS"):
			err = p.qualifier("TIMES", Integer)
		case p.isKeyword("START"):
			if err = p.qualifier("STOP", Timestamp, String); err == nil {
				err = p.qualifierValue(Timestamp, String)
			}
		default:
			return all, err
		}
		all = p.unmatchable(keyword+" can't be matched", start)
	}
	return nil, err
}

// enclosed parses the content between the next bracket and its partner.
func (p *parser) enclosed(closing tokenKind, content func() ([]Alternative, error)) ([]Alternative, error) {
	if p.depth == maxDepth {
		return nil, errorAt(p.token.start, "brackets more than %d deep", maxDepth)
	}
	p.depth++
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	all, err := content()
	if err != nil {
		return nil, err
	}
	return all, p.expect(closing)
}

// qualifier skips the next keyword, a value and another keyword.
func (p *parser) qualifier(closing string, kinds ...LiteralKind) error {
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.qualifierValue(kinds...); err != nil {
		return err
	}
	found, err := p.accept(closing)
	if err == nil && !found {
		return p.unexpected(closing)
	}
	return err
}

func (p *parser) qualifierValue(kinds ...LiteralKind) error {
	for _, kind := range kinds {
		if p.token.kind == literalToken && p.token.literal.Kind == kind {
			return p.advance()
		}
	}
	return p.unexpected("the qualifier's value")
}

func (p *parser) anyComparison() ([]Alternative, error) {
	return p.chain("OR", p.allComparisons)
}

func (p *parser) allComparisons() ([]Alternative, error) {
	return p.chain("AND", p.comparison)
}

func (p *parser) comparison() ([]Alternative, error) {
	if p.token.kind == "(" {
		return p.enclosed(")", p.anyComparison)
	}
	start := p.token.start
	c := Comparison{Observation: p.observations}
	var err error
	if c.Negated, err = p.accept("NOT"); err != nil {
		return nil, err
	}
	exists, err := p.accept("EXISTS")
	if err != nil {
		return nil, err
	}
	if c.Negated && !exists {
		return nil, p.unexpected("EXISTS")
	}
	if c.Path, err = p.path(); err != nil {
		return nil, err
	}
	path := p.text(start)
	if exists {
		c.Operator = Exists
	} else if err = p.test(&c); err != nil {
		return nil, err
	}
	c.text = p.text(start)
	return p.budget.split(c, path)
}

func (p *parser) path() (Path, error) {
	var path Path
	if p.token.kind != nameToken {
		return path, p.unexpected("an object path")
	}
	path.Object = p.word()
	if err := p.advance(); err != nil {
		return path, err
	}
	for separator := tokenKind(":"); ; separator = "." {
		if separator == "." && p.token.kind != "." {
			return path, nil
		}
		if err := p.expect(separator); err != nil {
			return path, err
		}
		step, err := p.step()
		if err != nil {
			return path, err
		}
		path.Steps = append(path.Steps, step)
	}
}

func (p *parser) step() (Step, error) {
	var step Step
	switch {
	case p.token.kind == nameToken:
		step.Name = p.word()
	case p.token.kind == literalToken && p.token.literal.Kind == String:
		step.Name = p.token.literal.Text
	default:
		return step, p.unexpected("a property's name")
	}
	if err := p.advance(); err != nil || p.token.kind != "[" {
		return step, err
	}
	if err := p.advance(); err != nil {
		return step, err
	}
	if p.token.kind != "*" && (p.token.kind != literalToken || p.token.literal.Kind != Integer) {
		return step, p.unexpected("an index")
	}
	step.Index = p.word()
	if err := p.advance(); err != nil {
		return step, err
	}
	return step, p.expect("]")
}

// test parses the operator and the values of a comparison.
func (p *parser) test(c *Comparison) error {
	var err error
	if c.Negated, err = p.accept("NOT"); err != nil {
		return err
	}
	switch p.token.kind {
	case "=", "!=", "<", "<=", ">", ">=":
		c.Operator = Operator(p.token.kind)
	case nameToken:
		switch word := Operator(strings.ToUpper(p.word())); word {
		case In, Like, Matches, IsSubset, IsSuperset:
			c.Operator = word
		}
	}
	if c.Operator == "" {
		return p.unexpected("an operator")
	}
	if err := p.advance(); err != nil {
		return err
	}
	switch c.Operator {
	case In:
		return p.set(c)
	case Like, Matches, IsSubset, IsSuperset:
		if p.token.kind != literalToken || p.token.literal.Kind != String {
			return p.unexpected("a string")
		}
	}
	return p.value(c)
}

func (p *parser) set(c *Comparison) error {
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		if err := p.value(c); err != nil {
			return err
		}
		if p.token.kind != "," {
			return p.expect(")")
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
}

func (p *parser) value(c *Comparison) error {
	switch {
	case p.token.kind == literalToken:
		c.Values = append(c.Values, p.token.literal)
	case p.isKeyword("true"), p.isKeyword("false"):
		c.Values = append(c.Values, Literal{Kind: Boolean, Text: strings.ToLower(p.word())})
	default:
		return p.unexpected("a value")
	}
	return p.advance()
}
