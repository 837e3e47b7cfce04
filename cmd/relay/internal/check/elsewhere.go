package check

import (
	"context"
	"net/http"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// elsewhere checks a path that no relay has.
func (r *runner) elsewhere(ctx context.Context, _ []wrongToken) {
	r.check(ctx, "no such route", r.good("/relay-check/no-such-route", "[]"), want{
		expected: "HTTP status 404, as gateways answer",
		status:   http.StatusNotFound,
		find:     func(answer) []rules.Problem { return nil },
	})
}
