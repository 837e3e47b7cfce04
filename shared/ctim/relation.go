package ctim

// Relation is a fact about two observables that were seen together: a domain
// that resolved to an address, a file that contained another.
type Relation struct {
	// Origin names who says so. Required.
	Origin    string       `json:"origin"`
	OriginURI string       `json:"origin_uri,omitempty"`
	Relation  RelationType `json:"relation"`
	Source    Observable   `json:"source"`
	Related   Observable   `json:"related"`
}
