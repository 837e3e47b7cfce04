package scaffold

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// observableTypes is the file that has a constant for each observable type.
const observableTypes = "shared/ctim/observable_type.go"

// observableType is an observable type and the name of its constant.
type observableType struct {
	Type     ctim.ObservableType
	Constant string
}

// typesOf finds the constants of observable types. Who writes a type in a way
// that CTIM doesn't know hears which there are: nothing of it would ever match.
func (t *Tree) typesOf(types []ctim.ObservableType) ([]observableType, error) {
	text, err := t.read(observableTypes)
	if err != nil {
		return nil, err
	}
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", observableTypes, err)
	}
	constants := map[ctim.ObservableType]string{}
	var known []string
	ast.Inspect(s.parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			if value, err := strconv.Unquote(literal.Value); err == nil {
				constants[ctim.ObservableType(value)] = spec.Names[0].Name
				known = append(known, value)
			}
		}
		return true
	})
	var all []observableType
	for _, kind := range types {
		constant, ok := constants[kind]
		if !ok {
			slices.Sort(known)
			return nil, fmt.Errorf("%q is no observable type. There are: %s", kind, strings.Join(known, ", "))
		}
		if one := (observableType{kind, constant}); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all, nil
}
