// Package watchlist is the relay's own provider: a list of observables that your team
// considers bad or good, with their sources. It serves every route, needs no third
// party, and is the example of a complete provider.
//
// Package entry defines the entries and their store. Packages bolt and dynamo store them
// in a file or a table. Package formats reads the files in which such lists are shared.
package watchlist
