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
	// Steps are the names of properties, without quotes, at least one. "[*]" follows
	// that of a list, whatever the index in it.
	Steps []string
}

// String returns the path in canonical form, without quotes, as in
// "domain-name:resolves_to_refs[*].value".
func (p Path) String() string { return p.Object + ":" + strings.Join(p.Steps, ".") }

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
