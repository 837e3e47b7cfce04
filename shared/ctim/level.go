package ctim

// Severity is how bad it is.
type Severity string

// The severities of CTIM.
const (
	SeverityCritical Severity = "Critical"
	SeverityHigh     Severity = "High"
	SeverityMedium   Severity = "Medium"
	SeverityLow      Severity = "Low"
	SeverityInfo     Severity = "Info"
	SeverityNone     Severity = "None"
	SeverityUnknown  Severity = "Unknown"
)

// Severities are the severities of CTIM, the worst first.
func Severities() []Severity {
	return []Severity{
		SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityInfo, SeverityNone, SeverityUnknown,
	}
}

// Confidence is how sure the source is.
type Confidence string

// The confidences of CTIM.
const (
	ConfidenceHigh    Confidence = "High"
	ConfidenceMedium  Confidence = "Medium"
	ConfidenceLow     Confidence = "Low"
	ConfidenceInfo    Confidence = "Info"
	ConfidenceNone    Confidence = "None"
	ConfidenceUnknown Confidence = "Unknown"
)

// Confidences are the confidences of CTIM, the surest first.
func Confidences() []Confidence {
	return []Confidence{
		ConfidenceHigh, ConfidenceMedium, ConfidenceLow, ConfidenceInfo, ConfidenceNone, ConfidenceUnknown,
	}
}

// TLP is the traffic light protocol's colour: with whom it may be shared.
type TLP string

// The colours of CTIM. It has no "clear": that is white.
const (
	TLPWhite TLP = "white"
	TLPGreen TLP = "green"
	TLPAmber TLP = "amber"
	TLPRed   TLP = "red"
)

// TLPs are the colours of CTIM, the freest first.
func TLPs() []TLP {
	return []TLP{TLPWhite, TLPGreen, TLPAmber, TLPRed}
}
