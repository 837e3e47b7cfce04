package mispevent

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
)

// Attribute is one value in an event.
type Attribute struct {
	UUID     lenient.Text `json:"uuid"`
	Type     lenient.Text `json:"type"`
	Category lenient.Text `json:"category"`
	Value    lenient.Text `json:"value"`
	Comment  lenient.Text `json:"comment"`
	// ObjectRelation is the attribute's role in its object, such as "filename".
	// It is empty for an attribute outside of objects.
	ObjectRelation lenient.Text `json:"object_relation"`
	// ToIDs marks the value for detection.
	ToIDs     lenient.Flag           `json:"to_ids"`
	Deleted   lenient.Flag           `json:"deleted"`
	FirstSeen lenient.Time           `json:"first_seen"`
	LastSeen  lenient.Time           `json:"last_seen"`
	Tags      lenient.List[Tag]      `json:"Tag"`
	Galaxies  lenient.List[Galaxy]   `json:"Galaxy"`
	Sightings lenient.List[Sighting] `json:"Sighting"`
	// Warnings are the warning lists with the value, if they were requested.
	Warnings lenient.List[Warning] `json:"warnings"`
	// Of describes the attribute's event if the document has the attribute alone,
	// as in the result of a search for attributes.
	Of *Event `json:"Event"`

	// Line is the line of the document on which the attribute starts, from 1.
	Line int `json:"-"`
}

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

// SightingType is the kind of a Sighting.
type SightingType = lenient.Text

// The types of sightings.
const (
	// Seen reports that the value was seen.
	Seen SightingType = "0"
	// FalsePositive reports that the value was seen and is harmless.
	FalsePositive SightingType = "1"
	// Expiration ends the value's validity at the sighting's date.
	Expiration SightingType = "2"
)

// Sighting is an organisation's report about an attribute.
type Sighting struct {
	Type SightingType `json:"type"`
	Date lenient.Time `json:"date_sighting"`
	// Source names the tool or sensor. It is free text.
	Source lenient.Text `json:"source"`
	// OrgID and Org are the organisation's number on this server and its name.
	// A server may hide both.
	OrgID lenient.Text `json:"org_id"`
	Org   struct {
		Name lenient.Text `json:"name"`
	} `json:"Organisation"`
}

// Warning reports that a value is on one of MISP's warning lists, of values that are
// harmless or common.
type Warning struct {
	// Value is the listed value: the attribute's, or one half of a composite. On older
	// servers it is the list's entry, such as a network.
	Value    lenient.Text `json:"value"`
	List     lenient.Text `json:"warninglist_name"`
	Category lenient.Text `json:"warninglist_category"`
}

// IsFalsePositive reports whether values on the list are harmless. A list of the
// category "known" only identifies a value, for example as part of a cloud.
// Older servers have no categories: their lists are of false positives.
func (w Warning) IsFalsePositive() bool { return !strings.EqualFold(string(w.Category), "known") }
