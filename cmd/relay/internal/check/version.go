package check

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// version checks /version, which needs no token and has no envelope.
func (r *runner) version(ctx context.Context, _ []wrongToken) {
	expected := want{expected: `{"version": "1.2.3"}`, find: func(a answer) []rules.Problem { return rules.Answer("/version", a.body) }}
	a := r.check(ctx, "without a token", question{path: "/version", real: true}, expected)
	if members, ok := a.value.(map[string]any); ok && a.status == 200 {
		version, _ := members["version"].(string)
		r.report.Version = excerpt(r.hide.from(version))
	}
	r.check(ctx, "with a slash at the end", question{path: "/version/"}, expected)
}
