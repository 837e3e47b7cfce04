package ctim

// Relation relates two observables, such as a domain that resolved to an address or
// a file that contained another.
type Relation struct {
	// Origin is the name of the source. In a Finding, it is the finding's by default.
	Origin    string       `json:"origin"`
	OriginURI string       `json:"origin_uri,omitempty"`
	Relation  RelationType `json:"relation"`
	Source    Observable   `json:"source"`
	Related   Observable   `json:"related"`
}
