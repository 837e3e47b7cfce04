package check

import (
	"context"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
)

// health checks /health, which asks the third party whether it answers.
func (r *runner) health(ctx context.Context, wrong []wrongToken) {
	const path = "/health"
	r.refuses(ctx, path, "", wrong)
	healthy := answered(`{"data": {"status": "ok"}}`, shape.All(healthData(), func(path string, value any) []shape.Problem {
		if s := value.(map[string]any)["status"]; s != "ok" {
			return []shape.Problem{{Path: path + ".status", Text: shape.Describe(s) + ` is not "ok"`, Warning: s == "unknown"}}
		}
		return nil
	}))
	r.check(ctx, "the third party answers", r.real(path, ""), healthy)
	for range r.Repeat - 1 {
		r.check(ctx, "asked again", r.real(path, ""), healthy)
	}
	r.check(ctx, "with a slash at the end", r.good(path+"/", ""), healthy)
	r.check(ctx, "with a body", r.good(path, "{}"), healthy)
}

// healthData is a status, beside which the relay may tell the quotas that the
// third party grants.
func healthData() shape.Rule {
	return shape.Object(shape.Fields{"status": shape.Required(shape.Word("unknown", "ok", "error")), "quotas": shape.Optional(shape.OpenObject(nil))})
}
