package check

import (
	"context"
	"fmt"
	"slices"
)

func (r *runner) refer(ctx context.Context, wrong []wrongToken) {
	r.observablesRoute(ctx, wrong, observablesRoute{
		path:     "/refer/observables",
		expected: "links to web pages, or an empty list",
		names:    listNames("id", "url"),
	})
}

// listNames are the values of these fields of each object in a list.
func listNames(fields ...string) func(any) []string {
	return func(data any) (names []string) {
		list, _ := data.([]any)
		for _, object := range objects(list) {
			name := ""
			for _, field := range fields {
				name += fmt.Sprint(object[field]) + " "
			}
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
}
