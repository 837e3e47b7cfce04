package ctim

import (
	_ "embed"
	"reflect"
	"strconv"
	"strings"
)

// vocabularies is the source text of the constants, so that no word stands twice.
//
//go:embed vocabulary.go
var vocabularies string

type vocabulary interface {
	ObservableType | Severity | Confidence | TLP | RelationshipType | RelationType | SensorType | Resolution |
		IndicatorType | MalwareLabel | ToolLabel | ActorType | Phase
}

// Words returns all values of a vocabulary, such as Words[Severity](), in the order
// of its constants.
func Words[V vocabulary]() []V {
	_, constants, _ := strings.Cut(vocabularies, "\ntype "+reflect.TypeFor[V]().Name()+" string\n")
	constants, _, _ = strings.Cut(constants, "\n)\n")
	var words []V
	for line := range strings.Lines(constants) {
		if _, quoted, ok := strings.Cut(line, " = "); ok {
			word, _ := strconv.Unquote(strings.TrimSpace(quoted)) // the compiler accepts it
			words = append(words, V(word))
		}
	}
	return words
}
