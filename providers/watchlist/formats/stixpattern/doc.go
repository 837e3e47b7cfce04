// Package stixpattern parses the detection patterns of STIX 2.0 and 2.1, and
// takes them apart into alternatives that can be looked up one by one.
//
// It knows the whole grammar of "STIX Patterning": comparisons with all
// operators, AND, OR, FOLLOWEDBY, parentheses, qualifiers, object paths and
// every kind of literal. It evaluates nothing: what an object path stands for
// is the caller's business.
//
// It reads a little more than the grammar allows, as published patterns do:
// hash names with hyphens need no quotes, keywords may be in lower case, and
// START and STOP take the plain strings of STIX 2.0.
package stixpattern
