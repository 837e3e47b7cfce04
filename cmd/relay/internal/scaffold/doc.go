// Package scaffold changes which providers a project has: it makes the folder
// of a new one, takes one out, says which is deployed, and renames the Go module
// of a fork.
//
// All changes are made to a Tree, in memory, and written by Apply at the end:
// all of them or, where something fails, none.
//
// What belongs to a provider outside its folder is found by three rules. Files
// of Go code in providers, and anywhere in cmd and functions, that are named
// NAME.go or NAME_*.go are its own. So are settings that begin with its name: NAME_URL. And
// so are lines that end with a mark in a comment, and those between two marks:
//
//	// with providers/NAME
//
//	// with providers/NAME, from here
//	// with providers/NAME, to here
package scaffold
