package ctim

type sightingType struct{}

func (sightingType) MarshalText() ([]byte, error) { return []byte("sighting"), nil }

// Sighting is a record that observables were seen, when, how often and by whom.
type Sighting struct {
	Type sightingType `json:"type"`
	Base
	Text
	Confidence   Confidence   `json:"confidence"`
	Count        int          `json:"count"`
	ObservedTime ObservedTime `json:"observed_time"`
	Observables  []Observable `json:"observables,omitempty"`
	Severity     Severity     `json:"severity,omitempty"`
	Sensor       SensorType   `json:"sensor,omitempty"`
	// Internal says whether it was seen in the caller's own network.
	Internal   bool       `json:"internal,omitempty"`
	Resolution Resolution `json:"resolution,omitempty"`
	// Targets are the devices or users to which it happened.
	Targets   []Target   `json:"targets,omitempty"`
	Relations []Relation `json:"relations,omitempty"`
}

// Target is a device or user that a sighting is about: what it is, and the
// observables by which it is known. All but OS are required.
type Target struct {
	Type         SensorType       `json:"type"`
	Observables  List[Observable] `json:"observables"`
	ObservedTime ObservedTime     `json:"observed_time"`
	OS           string           `json:"os,omitempty"`
}
