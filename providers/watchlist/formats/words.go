package formats

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// parseDisposition reads a disposition by CTIM's name or number, or by a word
// that people use for it.
func parseDisposition(text string) (ctim.Disposition, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "clean", "benign", "good", "safe", "trusted", "allow", "allowed":
		return ctim.Clean, nil
	case "2", "malicious", "bad", "block", "blocked", "malware":
		return ctim.Malicious, nil
	case "3", "suspicious", "suspect":
		return ctim.Suspicious, nil
	case "4", "common":
		return ctim.Common, nil
	case "5", "unknown":
		return ctim.Unknown, nil
	}
	return 0, fmt.Errorf("%q is not a disposition: clean, malicious, suspicious, common and unknown are", shown(text))
}

func parseSeverity(text string) (ctim.Severity, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "critical":
		return ctim.SeverityCritical, nil
	case "high":
		return ctim.SeverityHigh, nil
	case "medium", "moderate":
		return ctim.SeverityMedium, nil
	case "low":
		return ctim.SeverityLow, nil
	case "info", "informational":
		return ctim.SeverityInfo, nil
	case "none":
		return ctim.SeverityNone, nil
	case "unknown":
		return ctim.SeverityUnknown, nil
	}
	return "", fmt.Errorf("%q is not a severity: critical, high, medium, low, info, none and unknown are", shown(text))
}

func parseConfidence(text string) (ctim.Confidence, error) {
	text = strings.TrimSpace(text)
	if percent, err := strconv.Atoi(strings.TrimSuffix(text, "%")); err == nil && percent >= 0 && percent <= 100 {
		return confidenceOf(percent), nil
	}
	switch strings.ToLower(text) {
	case "high":
		return ctim.ConfidenceHigh, nil
	case "medium", "moderate":
		return ctim.ConfidenceMedium, nil
	case "low":
		return ctim.ConfidenceLow, nil
	case "info":
		return ctim.ConfidenceInfo, nil
	case "none":
		return ctim.ConfidenceNone, nil
	case "unknown":
		return ctim.ConfidenceUnknown, nil
	}
	return "", fmt.Errorf("%q is not a confidence: high, medium, low, info, none, unknown and 0 to 100 are", shown(text))
}

// confidenceOf is STIX's scale from 0 to 100 in words: its appendix on
// confidence scales has the bounds.
func confidenceOf(percent int) ctim.Confidence {
	switch {
	case percent >= 70:
		return ctim.ConfidenceHigh
	case percent >= 30:
		return ctim.ConfidenceMedium
	case percent >= 1:
		return ctim.ConfidenceLow
	default:
		return ctim.ConfidenceNone
	}
}

// parseTLP reads a colour, with "tlp:" before it or without. Clear is the newer
// name of white. CTIM has no amber+strict; amber is nearest. It is empty for
// anything else.
func parseTLP(text string) ctim.TLP {
	text = strings.ToLower(strings.TrimSpace(text))
	switch strings.TrimSpace(strings.TrimPrefix(text, "tlp:")) {
	case "white", "clear":
		return ctim.TLPWhite
	case "green":
		return ctim.TLPGreen
	case "amber", "amber+strict":
		return ctim.TLPAmber
	case "red":
		return ctim.TLPRed
	}
	return ""
}

// stricter is the colour that allows less sharing. Empty is no colour.
func stricter(a, b ctim.TLP) ctim.TLP {
	order := map[ctim.TLP]int{ctim.TLPWhite: 1, ctim.TLPGreen: 2, ctim.TLPAmber: 3, ctim.TLPRed: 4}
	if order[b] > order[a] {
		return b
	}
	return a
}

func parseYes(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "yes", "y", "true", "1", "x":
		return true, nil
	case "no", "n", "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", shown(text))
}

// timeLayouts are the ways of writing a time that can't be misunderstood.
// Those without a zone are in UTC.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04", "2006-01-02T15:04Z07:00", "2006-01-02",
}

// parseTime reads a time, or seconds since 1970.
func parseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if t, ok := writableTime(t); ok {
			return t, nil
		}
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) >= 9 && len(text) <= 11 {
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time: write it like 2006-01-02 or 2006-01-02T15:04:05Z", shown(text))
}

// writableTime is a time in UTC, and whether RFC 3339 can write it there: it
// has the years 1 to 9999 only, and another zone may hide one beyond them.
func writableTime(t time.Time) (time.Time, bool) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, false
	}
	return t, true
}
