package rules

import "github.com/serverless-relay/relay/shared/relay"

// envelope accepts the body of every response but /version's.
func envelope(data rule) rule {
	f := object(fields{"data": optional(data), "errors": optional(errorList())})
	return all(f, func(path string, value any) []Problem {
		if len(value.(map[string]any)) == 0 {
			return at(path, "has neither data nor errors: at least one must be there")
		}
		return nil
	})
}

// errorList accepts the errors of a response. A code unknown to the platform is a
// warning.
func errorList() rule {
	errors := list(object(fields{
		"type":    required(oneOf(relay.Fatal, relay.Failed, relay.Warning)),
		"code":    required(all(filled, warn(oneOf(relay.Codes()...)))),
		"message": required(filled),
	}))
	return all(errors, func(path string, value any) []Problem {
		if len(value.([]any)) == 0 {
			return at(path, "is empty: leave it out")
		}
		return nil
	})
}
