package check

import (
	"context"
	"fmt"
	"net/http"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// version checks /version, which needs no token and has no envelope.
func (r *runner) version(ctx context.Context) {
	valid := want{expected: `{"version": "1.2.3"}`, find: func(a response) []rules.Problem { return rules.Answer("/version", a.Body) }}
	a := r.check(ctx, "without a token", request{path: "/version", timed: true}, valid)
	if members, ok := a.value.(map[string]any); ok && a.Status == http.StatusOK {
		version, _ := members["version"].(string)
		r.report.Version = excerpt(r.token.redact(version))
	}
	r.check(ctx, "with a slash at the end", request{path: "/version/"}, valid)
}

// health checks /health, for which a relay calls the third party.
func (r *runner) health(ctx context.Context) {
	const path = "/health"
	r.refusesTokens(ctx, path, "")
	healthy := answered(`{"data": {"status": "ok"}}`, valid(path), func(data any) []rules.Problem {
		if status := data.(map[string]any)["status"]; status != "ok" {
			return []rules.Problem{{Path: "data.status", Message: fmt.Sprintf(`must be "ok", is %q`, status), Warning: status == "unknown"}}
		}
		return nil
	})
	r.check(ctx, "the third party answers", r.timed(path, ""), healthy)
	r.repeat(ctx, path, "", healthy)
	r.check(ctx, "with a slash at the end", r.authorized(path+"/", ""), healthy)
	r.check(ctx, "with a body", r.authorized(path, "{}"), healthy)
}

// unknownRoute checks a path that no relay has.
func (r *runner) unknownRoute(ctx context.Context) {
	r.check(ctx, "an unknown route", r.authorized("/relay-check/no-such-route", "[]"), want{
		expected: "HTTP 404 from the gateway",
		status:   http.StatusNotFound,
		find:     func(response) []rules.Problem { return nil },
	})
}
