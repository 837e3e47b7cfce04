package ctim

import (
	_ "embed"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// source is the text of the constants. A list of them would repeat each word.
//
//go:embed vocabulary.go
var source string

// vocabularies returns the words between quotes in the source by the names of their types.
var vocabularies = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, part := range strings.Split(source, "\ntype ")[1:] {
		name, rest, _ := strings.Cut(part, " ")
		constants, _, _ := strings.Cut(rest, "\n)")
		quoted := strings.Split(constants, `"`)
		for i := 1; i < len(quoted); i += 2 {
			all[name] = append(all[name], quoted[i])
		}
	}
	return all
})

// Words returns all values of a vocabulary, such as Words[Severity](), in the order
// of its constants.
func Words[V ~string]() []V {
	words := WordsOf(reflect.TypeFor[V]())
	values := make([]V, len(words))
	for i, word := range words {
		values[i] = V(word)
	}
	return values
}

// WordsOf is Words for a type that is known only at run time. Types that are not
// vocabularies have no words.
func WordsOf(vocabulary reflect.Type) []string { return vocabularies()[vocabulary.Name()] }

// Known reports whether t is one of CTIM's types.
func (t ObservableType) Known() bool {
	return slices.Contains(WordsOf(reflect.TypeFor[ObservableType]()), string(t))
}
