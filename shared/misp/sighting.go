package misp

import "github.com/serverless-relay/relay/shared/lenient"

// SightingType says what a Sighting is.
type SightingType = lenient.Text

// The types of sightings.
const (
	// Seen: the value was seen.
	Seen SightingType = "0"
	// FalsePositive: it was seen, and is harmless.
	FalsePositive SightingType = "1"
	// Expiration: from the sighting's date on, the value is no longer valid.
	Expiration SightingType = "2"
)

// Sighting is what an organisation has to say about an attribute.
type Sighting struct {
	Type SightingType `json:"type"`
	Date lenient.Time `json:"date_sighting"`
	// Source names the tool or sensor that it comes from. It is free text.
	Source lenient.Text `json:"source"`
	// OrgID and Org are the organisation's number on this server, and its name.
	// A server may keep both to itself.
	OrgID lenient.Text `json:"org_id"`
	Org   struct {
		Name lenient.Text `json:"name"`
	} `json:"Organisation"`
}
