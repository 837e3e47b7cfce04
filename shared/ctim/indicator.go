package ctim

type indicatorType struct{}

func (indicatorType) MarshalText() ([]byte, error) { return []byte("indicator"), nil }

// Indicator is a pattern or a feed by which bad things are known: what
// judgements are based on and sightings are of. Producer is required.
type Indicator struct {
	Type indicatorType `json:"type"`
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

// IndicatorType says what an indicator looks at.
type IndicatorType string

// The indicator types of CTIM.
const (
	IndicatorAnonymization             IndicatorType = "Anonymization"
	IndicatorC2                        IndicatorType = "C2"
	IndicatorCompromisedPKICertificate IndicatorType = "Compromised PKI Certificate"
	IndicatorDomainWatchlist           IndicatorType = "Domain Watchlist"
	IndicatorExfiltration              IndicatorType = "Exfiltration"
	IndicatorFileHashWatchlist         IndicatorType = "File Hash Watchlist"
	IndicatorHostCharacteristics       IndicatorType = "Host Characteristics"
	IndicatorIMEIWatchlist             IndicatorType = "IMEI Watchlist"
	IndicatorIMSIWatchlist             IndicatorType = "IMSI Watchlist"
	IndicatorIPWatchlist               IndicatorType = "IP Watchlist"
	IndicatorLoginName                 IndicatorType = "Login Name"
	IndicatorMaliciousEMail            IndicatorType = "Malicious E-mail"
	IndicatorMalwareArtifacts          IndicatorType = "Malware Artifacts"
	IndicatorPrivateThreatFeed         IndicatorType = "Private Threat Feed"
	IndicatorURLWatchlist              IndicatorType = "URL Watchlist"
)

// IndicatorTypes are the indicator types of CTIM.
func IndicatorTypes() []IndicatorType {
	return []IndicatorType{
		IndicatorAnonymization, IndicatorC2, IndicatorCompromisedPKICertificate, IndicatorDomainWatchlist,
		IndicatorExfiltration, IndicatorFileHashWatchlist, IndicatorHostCharacteristics, IndicatorIMEIWatchlist,
		IndicatorIMSIWatchlist, IndicatorIPWatchlist, IndicatorLoginName, IndicatorMaliciousEMail,
		IndicatorMalwareArtifacts, IndicatorPrivateThreatFeed, IndicatorURLWatchlist,
	}
}

// Composite says how indicators combine into one.
type Composite struct {
	// Operator is "and", "or" or "not".
	Operator     string   `json:"operator"`
	IndicatorIDs List[ID] `json:"indicator_ids"`
}
