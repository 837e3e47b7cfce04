package ctim

// Campaign is a series of attacks by one actor with one aim. CampaignType is
// required; it is free text, such as "phishing".
type Campaign struct {
	Type typeOf[Campaign] `json:"type"`
	Base
	RequiredText
	CampaignType ShortString   `json:"campaign_type"`
	ValidTime    ValidTime     `json:"valid_time"`
	Names        []ShortString `json:"names,omitempty"`
	Confidence   Confidence    `json:"confidence,omitempty"`
}
