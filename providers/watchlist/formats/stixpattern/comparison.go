package stixpattern

import "strings"

// Comparison compares the property at an object path with a value.
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

// Operator is a comparison operator, such as "<" or LIKE.
type Operator string

// The operators with a name. The others are =, !=, <, <=, > and >=.
const (
	Equal      Operator = "="
	In         Operator = "IN"
	Like       Operator = "LIKE"
	Matches    Operator = "MATCHES"
	IsSubset   Operator = "ISSUBSET"
	IsSuperset Operator = "ISSUPERSET"
	Exists     Operator = "EXISTS"
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
	steps := make([]string, len(p.Steps))
	for i, step := range p.Steps {
		steps[i] = step.Name
		if step.Index != "" {
			steps[i] += "[*]"
		}
	}
	return p.Object + ":" + strings.Join(steps, ".")
}

// Literal is a constant in a pattern.
type Literal struct {
	Kind LiteralKind
	// Text is the value: a string without quotes and escapes, a number, "true" or
	// "false", a timestamp, hexadecimal digits, or base64.
	Text string
	// source is the literal as the pattern has it.
	source string
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

// Quote returns a string as a literal: in single quotes, with quotes and backslashes
// escaped.
func Quote(text string) string { return "'" + escapes.Replace(text) + "'" }

var escapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
