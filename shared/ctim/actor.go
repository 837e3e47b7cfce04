package ctim

// Actor is a person or group behind attacks. Base.Source is required.
type Actor struct {
	Type typeOf[Actor] `json:"type"`
	Base
	RequiredText
	ValidTime  ValidTime     `json:"valid_time"`
	ActorTypes []ActorType   `json:"actor_types,omitempty"`
	Aliases    []ShortString `json:"aliases,omitempty"`
	Confidence Confidence    `json:"confidence,omitempty"`
}
