package rules

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

// errorList accepts the errors of a response. A code that the platform doesn't
// know is a warning.
func errorList() rule {
	errors := list(object(fields{
		"type":    required(oneOf("fatal", "error", "warning")),
		"code":    required(all(filled, warn(oneOf(codes()...)))),
		"message": required(filled),
	}))
	return all(errors, func(path string, value any) []Problem {
		if len(value.([]any)) == 0 {
			return at(path, "is empty: leave it out")
		}
		return nil
	})
}

// codes returns the codes of errors that the platform knows.
func codes() []string {
	return []string{
		"authorization error", "invalid argument", "permission denied", "not found", "too many requests", "timeout",
		"connection error", "service unavailable", "internal error", "health check failed", "unknown",
	}
}
