package upstream

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// quotas returns the caller's quota by the usual headers, or nil if there are none.
// In a list of numbers the first one counts.
func quotas(header http.Header) relay.Quotas {
	number := func(names ...string) (int, bool) {
		for _, name := range names {
			first, _, _ := strings.Cut(header.Get(name), ",")
			if n, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && n >= 0 {
				return n, true
			}
		}
		return 0, false
	}
	limit, hasLimit := number("X-RateLimit-Limit", "RateLimit-Limit", "X-Rate-Limit-Limit")
	remaining, hasRemaining := number("X-RateLimit-Remaining", "RateLimit-Remaining", "X-Rate-Limit-Remaining")
	if !hasLimit || !hasRemaining {
		return nil
	}
	return relay.Quotas{"requests": {Limit: limit, Remaining: remaining}}
}
