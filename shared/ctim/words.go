package ctim

import (
	_ "embed"
	"reflect"
	"strings"
)

// vocabularies is the source text of the constants. A list of them would repeat each
// word.
//
//go:embed vocabulary.go
var vocabularies string

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
func WordsOf(vocabulary reflect.Type) (words []string) {
	_, constants, _ := strings.Cut(vocabularies, "\ntype "+vocabulary.Name()+" string\n")
	constants, _, _ = strings.Cut(constants, "\n)\n")
	for i, part := range strings.Split(constants, `"`) {
		if i%2 == 1 { // between quotes
			words = append(words, part)
		}
	}
	return words
}
