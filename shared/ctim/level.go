package ctim

import (
	"slices"
	"strings"
)

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

// ParseTLP reads a colour, with "tlp:" before it or without. Clear is the newer
// name of white. CTIM has no amber+strict; amber is nearest. It is empty for
// anything else.
func ParseTLP(text string) TLP {
	text = strings.ToLower(strings.TrimSpace(text))
	switch strings.TrimSpace(strings.TrimPrefix(text, "tlp:")) {
	case "white", "clear":
		return TLPWhite
	case "green":
		return TLPGreen
	case "amber", "amber+strict":
		return TLPAmber
	case "red":
		return TLPRed
	}
	return ""
}

// Stricter is the colour of the two that allows less sharing. Empty is no
// colour.
func (t TLP) Stricter(other TLP) TLP {
	if slices.Index(TLPs(), other) > slices.Index(TLPs(), t) {
		return other
	}
	return t
}
