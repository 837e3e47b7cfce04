package platform

// Region is one of the platform's regions. An organisation and its API clients
// belong to one of them.
type Region string

// US is the region by default.
const US Region = "us"

var hosts = map[Region]string{
	US:     "visibility.amp.cisco.com",
	"eu":   "visibility.eu.amp.cisco.com",
	"apjc": "visibility.apjc.amp.cisco.com",
}

// Host returns the region's host, which has the API and the keys of the platform's
// tokens. It is empty for an unknown region.
func (r Region) Host() string { return hosts[r] }
