package ctim

import "encoding/json"

// Priorities of judgements by a person, a curated source and an automated one, as
// CTIM recommends. The judgement with the highest priority decides.
const (
	PriorityHuman     = 100
	PriorityCurated   = 95
	PriorityAutomated = 90
)

// Judgement classifies an observable for a period of time. All fields are required,
// except Reason and ReasonURI. Base.Source is required too.
type Judgement struct {
	Type typeOf[Judgement] `json:"type"`
	Base
	Observable  Observable  `json:"observable"`
	Disposition Disposition `json:"disposition"`
	Severity    Severity    `json:"severity"`
	Confidence  Confidence  `json:"confidence"`
	// Priority is from 0 to 100; see the Priority constants.
	Priority  int         `json:"priority"`
	ValidTime ValidTime   `json:"valid_time"`
	Reason    ShortString `json:"reason,omitempty"`
	ReasonURI string      `json:"reason_uri,omitempty"`
}

// MarshalJSON adds the disposition's name, which the model requires.
func (j Judgement) MarshalJSON() ([]byte, error) {
	type fields Judgement
	return json.Marshal(struct {
		fields
		DispositionName string `json:"disposition_name"`
	}{fields(j), j.Disposition.String()})
}
