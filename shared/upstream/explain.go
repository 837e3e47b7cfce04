package upstream

import (
	"bytes"
	"encoding/json"
)

// spoken are the members of an error's JSON in which third parties say what is
// wrong, the most telling first.
var spoken = [...]string{"detail", "error_description", "message", "msg", "reason", "title", "error", "errors"}

// explain finds a third party's own words in the JSON body of an error: the
// first of the usual members that is a text, or has one inside.
func explain(body []byte) string {
	var answer any
	if json.Unmarshal(bytes.TrimPrefix(body, byteOrderMark), &answer) != nil {
		return ""
	}
	return words(answer, 4)
}

func words(value any, depth int) string {
	if depth == 0 {
		return ""
	}
	switch v := value.(type) {
	case string:
		if depth < 4 { // a bare string is no error
			return v
		}
	case []any:
		if len(v) > 0 {
			return words(v[0], depth-1)
		}
	case map[string]any:
		for _, name := range spoken {
			if text := words(v[name], depth-1); text != "" {
				return text
			}
		}
	}
	return ""
}
