package check

import (
	"context"
	"fmt"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// health checks /health, which asks the third party whether it answers.
func (r *runner) health(ctx context.Context, wrong []wrongToken) {
	const path = "/health"
	r.refuses(ctx, path, "", wrong)
	healthy := answered(`{"data": {"status": "ok"}}`, valid(path), func(data any) []rules.Problem {
		if status := data.(map[string]any)["status"]; status != "ok" {
			return []rules.Problem{{Path: "data.status", Message: fmt.Sprintf(`must be "ok", is %q`, status), Warning: status == "unknown"}}
		}
		return nil
	})
	r.check(ctx, "the third party answers", r.real(path, ""), healthy)
	for range r.Repeat - 1 {
		r.check(ctx, "asked again", r.real(path, ""), healthy)
	}
	r.check(ctx, "with a slash at the end", r.good(path+"/", ""), healthy)
	r.check(ctx, "with a body", r.good(path, "{}"), healthy)
}
