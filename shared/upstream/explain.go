package upstream

import (
	"bytes"
	"encoding/json"
)

// messageNames are the usual members with the message of an error, the most
// helpful first.
var messageNames = [...]string{"detail", "error_description", "message", "msg", "reason", "title", "error", "errors", "name", "query_status"}

// explain returns the message in the JSON body of an error, or "": the first of
// messageNames that is a text or contains one.
func explain(body []byte) string {
	var v any
	if json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), &v) != nil {
		return ""
	}
	return findMessage(v, 4)
}

func findMessage(value any, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := value.(type) {
	case string:
		if depth < 4 { // a text alone is no error
			return v
		}
	case []any:
		if len(v) > 0 {
			return findMessage(v[0], depth-1)
		}
	case map[string]any:
		for _, name := range messageNames {
			if message := findMessage(v[name], depth-1); message != "" {
				return message
			}
		}
	}
	return ""
}
