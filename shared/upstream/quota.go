package upstream

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// quotas reads the headers in which third parties report the caller's quota; nil
// if there are none. Some send lists, of which the first number counts.
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
	limit, ok := number("X-RateLimit-Limit", "RateLimit-Limit", "X-Rate-Limit-Limit")
	remaining, also := number("X-RateLimit-Remaining", "RateLimit-Remaining", "X-Rate-Limit-Remaining")
	if !ok || !also {
		return nil
	}
	return relay.Quotas{"requests": {Limit: limit, Remaining: remaining}}
}
