package ctimrules

import (
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/ctim"
)

func judgement() shape.Rule {
	return shape.All(entity("judgement", shape.Fields{
		"observable":       shape.Required(observable()),
		"disposition":      shape.Required(disposition()),
		"disposition_name": shape.Required(dispositionName()),
		"severity":         shape.Required(severity()),
		"confidence":       shape.Required(confidence()),
		"priority":         shape.Required(shape.All(shape.Integer(-shape.MostInt, shape.MostInt), shape.Warn(shape.Integer(0, 100)))),
		"source":           shape.Required(medium()),
		"valid_time":       shape.Required(validTime()),
		"reason":           shape.Optional(short()),
		"reason_uri":       shape.Optional(shape.Text(0)),
	}), namesItsDisposition)
}

// verdict has no id: it is the answer about its observable. One without an end
// would hold for ever, which is a warning.
func verdict() shape.Rule {
	return shape.All(shape.Object(shape.Fields{
		"type":             shape.Required(shape.Word("verdict")),
		"observable":       shape.Required(observable()),
		"disposition":      shape.Required(disposition()),
		"disposition_name": shape.Optional(dispositionName()),
		"judgement_id":     shape.Optional(shape.Text(0)),
		"valid_time":       shape.Required(validTime()),
	}), namesItsDisposition, shape.Warn(func(path string, value any) []shape.Problem {
		valid := value.(map[string]any)["valid_time"].(map[string]any)
		if valid["end_time"] == nil {
			return shape.At(path, "the verdict's valid_time has no end_time")
		}
		return nil
	}))
}

func disposition() shape.Rule {
	return shape.Integer(int64(ctim.Clean), int64(ctim.Unknown))
}

func dispositionName() shape.Rule {
	var names []string
	for d := ctim.Clean; d <= ctim.Unknown; d++ {
		names = append(names, d.String())
	}
	return shape.Word(names...)
}

// namesItsDisposition wants the disposition's number and name to agree.
func namesItsDisposition(path string, value any) []shape.Problem {
	members := value.(map[string]any)
	number, _ := shape.Int(members["disposition"])
	if name, ok := members["disposition_name"]; ok && name != ctim.Disposition(number).String() {
		return shape.At(path, "disposition %d is %s, not %s", number, ctim.Disposition(number), name)
	}
	return nil
}
