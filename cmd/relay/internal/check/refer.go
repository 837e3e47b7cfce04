package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
)

func (r *runner) refer(ctx context.Context, wrong []wrongToken) {
	r.observablesRoute(ctx, wrong, observablesRoute{
		path:     "/refer/observables",
		data:     shape.List(link()),
		expected: "links to web pages, or an empty list",
		names:    listNames("id", "url"),
	})
}

func link() shape.Rule {
	return shape.Object(shape.Fields{
		"id":          shape.Required(shape.Filled()),
		"title":       shape.Required(shape.Filled()),
		"description": shape.Required(shape.Text(0)),
		"url":         shape.Required(shape.WebURL()),
		"categories":  shape.Optional(shape.Set(shape.Text(0))),
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
