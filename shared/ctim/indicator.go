package ctim

// Indicator is a pattern or feed of threats. Judgements are based on it, and
// sightings are sightings of it. Producer is required.
type Indicator struct {
	Type typeOf[Indicator] `json:"type"`
	Base
	Text
	Producer       ShortString      `json:"producer"`
	ValidTime      ValidTime        `json:"valid_time"`
	IndicatorTypes []IndicatorType  `json:"indicator_type,omitempty"`
	Severity       Severity         `json:"severity,omitempty"`
	Confidence     Confidence       `json:"confidence,omitempty"`
	LikelyImpact   LongString       `json:"likely_impact,omitempty"`
	Tags           []ShortString    `json:"tags,omitempty"`
	KillChain      []KillChainPhase `json:"kill_chain_phases,omitempty"`
	Composite      *Composite       `json:"composite_indicator_expression,omitempty"`
}

// Composite combines indicators into one.
type Composite struct {
	// Operator is "and", "or" or "not".
	Operator     string   `json:"operator"`
	IndicatorIDs List[ID] `json:"indicator_ids"`
}
