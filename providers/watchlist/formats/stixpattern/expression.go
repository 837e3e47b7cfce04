package stixpattern

import "strings"

// Expression is a pattern or a part of one: a Group or a Comparison.
type Expression interface {
	// String returns the expression as the pattern has it.
	String() string
}

// Group joins expressions. An AND inside of square brackets and one between them are
// both a Group. Comparison.Observation distinguishes them.
type Group struct {
	// Keyword is AND, OR or FOLLOWEDBY with at least two operands, or the qualifier
	// WITHIN, REPEATS or START with one.
	Keyword  string
	Operands []Expression
	text     string
}

// Comparison compares what an object path leads to with a value.
type Comparison struct {
	Path Path
	// Negated reports that NOT is before the operator.
	Negated  bool
	Operator Operator
	// Values has one value, several for In, and none for Exists.
	Values []Literal
	// Observation numbers the square brackets around the comparison, from 1.
	// Comparisons of one type of object in the same brackets are about the same
	// object.
	Observation int
	text        string
}

// String implements Expression.
func (g Group) String() string { return g.text }

// String implements Expression.
func (c Comparison) String() string { return c.text }

// Operator is a comparison operator.
type Operator string

// The comparison operators of the grammar.
const (
	Equal          Operator = "="
	NotEqual       Operator = "!="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	In             Operator = "IN"
	Like           Operator = "LIKE"
	Matches        Operator = "MATCHES"
	IsSubset       Operator = "ISSUBSET"
	IsSuperset     Operator = "ISSUPERSET"
	Exists         Operator = "EXISTS"
)

// Path leads from an object to one of its properties, possibly over references.
type Path struct {
	// Object is the type of the object, such as "file".
	Object string
	// Steps has at least one step.
	Steps []Step
}

// Step is one property of a path.
type Step struct {
	// Name is the property's name, without quotes.
	Name string
	// Index is that of a list's element: digits, "*" for any, or "" without an index.
	Index string
}

// String returns the path in canonical form: without quotes, and with "[*]" for every
// index, as in "domain-name:resolves_to_refs[*].value".
func (p Path) String() string {
	var b strings.Builder
	b.WriteString(p.Object)
	for i, step := range p.Steps {
		if i == 0 {
			b.WriteByte(':')
		} else {
			b.WriteByte('.')
		}
		b.WriteString(step.Name)
		if step.Index != "" {
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// Literal is a constant in a pattern.
type Literal struct {
	Kind LiteralKind
	// Text is the value: a string without quotes and escapes, a number, "true" or "false", a timestamp, hexadecimal digits, or base64.
	Text string
}

// LiteralKind is the syntax of a literal.
type LiteralKind int

// The kinds of literals. The last three are written t'...', h'...' and b'...'.
const (
	String LiteralKind = iota
	Integer
	Float
	Boolean
	Timestamp
	Hex
	Binary
)
