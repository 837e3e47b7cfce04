package platform

// Region is one of the platform's regions. An organisation and its API clients
// belong to one of them.
type Region string

// The platform's regions.
const (
	US   Region = "us"
	EU   Region = "eu"
	APJC Region = "apjc"
)

// Regions returns all regions.
func Regions() []Region { return []Region{US, EU, APJC} }

// Host returns the region's host, which has the API and the keys of the platform's
// tokens. It is empty for an unknown region.
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
