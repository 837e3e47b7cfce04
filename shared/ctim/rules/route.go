package rules

import "sync"

// routes returns the rule for the body of each route's responses.
var routes = sync.OnceValue(func() map[string]rule {
	return map[string]rule{
		"/health":                 envelope(health()),
		"/deliberate/observables": envelope(deliberated()),
		"/observe/observables":    envelope(observed()),
		"/refer/observables":      envelope(list(link())),
		"/respond/observables":    envelope(list(action())),
		"/respond/trigger":        envelope(object(fields{"status": required(oneOf("success", "failure"))})),
		"/tiles":                  envelope(tiles()),
		"/tiles/tile":             envelope(tileOrNothing()),
		"/tiles/tile-data":        envelope(tileData("")),
		"/version":                object(fields{"version": required(filled), "provider": optional(filled)}),
	}
})

// health accepts a status, and the quotas that the third party grants.
func health() rule {
	return object(fields{"status": required(oneOf("unknown", "ok", "error")), "quotas": optional(anyObject)})
}

func link() rule {
	return object(fields{
		"id":          required(filled),
		"title":       required(filled),
		"description": required(anyString),
		"url":         required(webURL),
		"categories":  optional(set(anyString)),
	})
}

func action() rule {
	return object(fields{
		"id":           required(filled),
		"title":        required(filled),
		"description":  required(anyString),
		"categories":   optional(set(anyString)),
		"query-params": optional(mapOf(anyString)),
	})
}
