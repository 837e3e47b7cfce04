package formats

import (
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/shared/ctim"
)

// isObservableType says whether a type that stands in a file is one of CTIM's.
// The stores file entries by type, and a file may name any word, of any length,
// as one.
func isObservableType(t ctim.ObservableType) bool {
	return slices.Contains(ctim.ObservableTypes(), t)
}

// typeProblem says that a name is not that of an observable type.
func typeProblem(name string) string {
	return fmt.Sprintf("the type %q is not that of an observable", shown(name))
}
