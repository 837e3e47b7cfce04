package rules

import (
	"math"

	"github.com/serverless-relay/relay/shared/ctim"
)

func judgement() rule {
	return all(entity("judgement", fields{
		"observable":       required(observable()),
		"disposition":      required(disposition()),
		"disposition_name": required(dispositionName()),
		"severity":         required(severity()),
		"confidence":       required(confidence()),
		"priority":         required(all(integer(-math.MaxInt64, math.MaxInt64), warn(integer(0, 100)))),
		"source":           required(medium()),
		"valid_time":       required(validTime()),
		"reason":           optional(short()),
		"reason_uri":       optional(anyString),
	}), dispositionMatchesName)
}

// verdict accepts verdicts. They have no id. One without an end would be valid
// forever, which is a warning.
func verdict() rule {
	return all(object(fields{
		"type":             required(oneOf("verdict")),
		"observable":       required(observable()),
		"disposition":      required(disposition()),
		"disposition_name": optional(dispositionName()),
		"judgement_id":     optional(anyString),
		"valid_time":       required(validTime()),
	}), dispositionMatchesName, func(path string, value any) []Problem {
		valid := value.(map[string]any)["valid_time"].(map[string]any)
		if valid["end_time"] == nil {
			return warnAt(member(member(path, "valid_time"), "end_time"), "is missing: the verdict would be valid forever")
		}
		return nil
	})
}

func disposition() rule {
	return integer(int64(ctim.Clean), int64(ctim.Unknown))
}

func dispositionName() rule {
	var names []string
	for d := ctim.Clean; d <= ctim.Unknown; d++ {
		names = append(names, d.String())
	}
	return oneOf(names...)
}

// dispositionMatchesName finds entities whose disposition_name isn't that of the
// disposition's number.
func dispositionMatchesName(path string, value any) []Problem {
	members := value.(map[string]any)
	number, _ := whole(members["disposition"])
	if name, ok := members["disposition_name"]; ok && name != ctim.Disposition(number).String() {
		return at(member(path, "disposition_name"), "must be %s for disposition %d, is %s", ctim.Disposition(number), number, name)
	}
	return nil
}
