package mispevent

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
)

// Tag is a label on an event or attribute. Many belong to a taxonomy, such as
// "tlp:amber".
type Tag struct {
	Name lenient.Text `json:"name"`
}

// IsGalaxy reports whether the tag stands for a cluster of a galaxy: a threat,
// not a label.
func (t Tag) IsGalaxy() bool { return strings.HasPrefix(strings.ToLower(string(t.Name)), galaxyPrefix) }

// IsFalsePositive reports whether the tag marks values as false positives: in
// the taxonomy "false-positive", a confirmed one or one of medium or high risk.
func (t Tag) IsFalsePositive() bool {
	name := strings.ToLower(strings.NewReplacer(`"`, "", " ", "").Replace(string(t.Name)))
	switch strings.TrimPrefix(name, "false-positive:") {
	case "confirmed=true", "risk=medium", "risk=high":
		return strings.HasPrefix(name, "false-positive:")
	default:
		return false
	}
}

// TLP returns the colour of a tag of the traffic light protocol. ok is false for
// all other tags; an unknown colour is empty.
func (t Tag) TLP() (colour ctim.TLP, ok bool) {
	name := strings.ToLower(string(t.Name))
	return ctim.ParseTLP(name), strings.HasPrefix(name, "tlp:")
}

// TLP returns the strictest colour among the tags, or empty without one.
func TLP(tags []Tag) ctim.TLP {
	var strictest ctim.TLP
	for _, tag := range tags {
		if colour, ok := tag.TLP(); ok {
			strictest = strictest.Stricter(colour)
		}
	}
	return strictest
}
