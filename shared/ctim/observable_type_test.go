package ctim_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
)

// A type that gets a constant must get into the list too.
func TestObservableTypesAreAll(t *testing.T) {
	source, err := os.ReadFile("observable_type.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`ObservableType = "(\w+)"`).FindAllSubmatch(source, -1)
	all := ctim.ObservableTypes()
	if len(constants) < 60 || len(constants) != len(all) {
		t.Errorf("%d constants, %d in the list", len(constants), len(all))
	}
	for _, constant := range constants {
		if !slices.Contains(all, ctim.ObservableType(constant[1])) {
			t.Errorf("%s is not in the list", constant[1])
		}
	}
}
