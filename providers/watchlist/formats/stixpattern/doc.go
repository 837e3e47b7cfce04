// Package stixpattern parses the detection patterns of STIX 2.0 and 2.1 into
// alternatives that can be looked up one by one.
//
// It parses the whole grammar of "STIX Patterning": comparisons with all
// operators, AND, OR, FOLLOWEDBY, parentheses, qualifiers, object paths and
// every kind of literal. It evaluates nothing. Callers decide what an object
// path means.
//
// It accepts a little more than the grammar, as published patterns need it:
// hash names with hyphens need no quotes, keywords may be in lower case, and
// START and STOP take the plain strings of STIX 2.0.
package stixpattern
