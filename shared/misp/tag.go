package misp

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
)

// Tag is a label on an event or attribute. Many are of a taxonomy, such as
// "tlp:amber".
type Tag struct {
	Name lenient.Text `json:"name"`
}

// IsGalaxy says whether the tag stands for a cluster of a galaxy: a threat, not
// a label.
func (t Tag) IsGalaxy() bool { return strings.HasPrefix(strings.ToLower(string(t.Name)), galaxyPrefix) }

// TLP is the colour of a tag of the traffic light protocol. ok is false for all
// other tags; a colour that nobody knows is empty.
func (t Tag) TLP() (colour ctim.TLP, ok bool) {
	name := strings.ToLower(string(t.Name))
	return ctim.ParseTLP(name), strings.HasPrefix(name, "tlp:")
}

// TLP is the strictest colour among the tags, empty where there is none.
func TLP(tags []Tag) ctim.TLP {
	var strictest ctim.TLP
	for _, tag := range tags {
		if colour, ok := tag.TLP(); ok {
			strictest = strictest.Stricter(colour)
		}
	}
	return strictest
}
