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

// TLP is the traffic light protocol's colour: with whom it may be shared.
type TLP string

// The colours of CTIM. It has no "clear": that is white.
const (
	TLPWhite TLP = "white"
	TLPGreen TLP = "green"
	TLPAmber TLP = "amber"
	TLPRed   TLP = "red"
)
