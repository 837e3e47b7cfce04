package stixpattern

import "strings"

// Expression is a pattern or a part of one: an And, Or, FollowedBy, Qualified
// or Comparison. An AND inside of square brackets and one between two of them
// are both an And; Comparison.Observation tells them apart.
type Expression interface {
	// String is the expression as it stands in the pattern.
	String() string
	isExpression()
}

// And holds where all of its operands do. There are at least two.
type And struct {
	Operands []Expression
	text     string
}

// Or holds where any of its operands does. There are at least two.
type Or struct {
	Operands []Expression
	text     string
}

// FollowedBy holds where its operands do, in that order of time. There are at
// least two.
type FollowedBy struct {
	Operands []Expression
	text     string
}

// Qualified bounds an expression in time or number.
type Qualified struct {
	Expression Expression
	Qualifier  Qualifier
	text       string
}

// Qualifier is the first word of a qualifier.
type Qualifier string

// The qualifiers of the grammar.
const (
	Within    Qualifier = "WITHIN"
	Repeats   Qualifier = "REPEATS"
	StartStop Qualifier = "START"
)

// Comparison compares what an object path leads to with a value.
type Comparison struct {
	Path Path
	// Negated says that the operator has NOT before it.
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
func (e And) String() string { return e.text }

// String implements Expression.
func (e Or) String() string { return e.text }

// String implements Expression.
func (e FollowedBy) String() string { return e.text }

// String implements Expression.
func (e Qualified) String() string { return e.text }

// String implements Expression.
func (e Comparison) String() string { return e.text }

func (And) isExpression()        {}
func (Or) isExpression()         {}
func (FollowedBy) isExpression() {}
func (Qualified) isExpression()  {}
func (Comparison) isExpression() {}

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

// Path leads from an object of some type to one of its properties, over
// references where need be.
type Path struct {
	// Object is the type of the object, such as "file".
	Object string
	// Steps has at least one step.
	Steps []Step
}

// Step is one property on the way.
type Step struct {
	// Name is the property's name, without quotes.
	Name string
	// Index picks from a list: digits, or "*" for any. It is empty where the
	// step has no index.
	Index string
}

// String is the path in one spelling: without quotes and with every index as
// "[*]", as in "domain-name:resolves_to_refs[*].value".
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
	// Text is the value as text: a string without quotes and escapes, a
	// number, "true" or "false", a timestamp, hexadecimal digits, or base64.
	Text string
}

// LiteralKind says how a literal is written.
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
