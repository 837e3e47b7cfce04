package ctim

// IdentityAssertion states facts about a device or user, such as its owner.
type IdentityAssertion struct {
	Type typeOf[IdentityAssertion] `json:"type"`
	Base
	Identity   Identity        `json:"identity"`
	Assertions List[Assertion] `json:"assertions"`
	ValidTime  ValidTime       `json:"valid_time,omitzero"`
}

// Identity contains the observables that identify a device or user.
type Identity struct {
	Observables List[Observable] `json:"observables"`
}

// Assertion is one fact: a name and its value.
type Assertion struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
