package ctim

// Sighting records that observables were seen: when, how often and by which sensor.
type Sighting struct {
	Type typeOf[Sighting] `json:"type"`
	Base
	Text
	Confidence   Confidence   `json:"confidence"`
	Count        int          `json:"count"`
	ObservedTime ObservedTime `json:"observed_time"`
	Observables  []Observable `json:"observables,omitempty"`
	Severity     Severity     `json:"severity,omitempty"`
	Sensor       SensorType   `json:"sensor,omitempty"`
	// Internal is true if it was seen in the caller's own network.
	Internal   bool       `json:"internal,omitempty"`
	Resolution Resolution `json:"resolution,omitempty"`
	// Targets are the affected devices or users.
	Targets   []Target   `json:"targets,omitempty"`
	Relations []Relation `json:"relations,omitempty"`
	// Data are the details that the sensor recorded.
	Data Table `json:"data,omitzero"`
}

// Target is a device or user affected by a sighting, and the observables that
// identify it. All fields except OS are required.
type Target struct {
	Type         SensorType       `json:"type"`
	Observables  List[Observable] `json:"observables"`
	ObservedTime ObservedTime     `json:"observed_time"`
	OS           string           `json:"os,omitempty"`
}
