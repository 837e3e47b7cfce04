package platform

// Region is one of the platform's regions. An organisation is in one of them,
// and its API clients are known only there.
type Region string

// The platform's regions.
const (
	US   Region = "us"
	EU   Region = "eu"
	APJC Region = "apjc"
)

// Regions are all of them.
func Regions() []Region { return []Region{US, EU, APJC} }

// Host is the region's host: of the API, and of the keys with which the
// platform signs tokens. It is empty for a region that there isn't.
func (r Region) Host() string {
	switch r {
	case US:
		return "visibility.amp.cisco.com"
	case EU:
		return "visibility.eu.amp.cisco.com"
	case APJC:
		return "visibility.apjc.amp.cisco.com"
	default:
		return ""
	}
}
