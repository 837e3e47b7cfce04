package mispevent

import "github.com/serverless-relay/relay/shared/lenient"

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
