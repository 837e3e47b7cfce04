package formats

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
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

func parseYes(text string) (bool, error) {
	yes, ok := lenient.ParseYes(text)
	if !ok {
		return false, fmt.Errorf("%q is neither yes nor no", shown(text))
	}
	return yes, nil
}

func parseTime(text string) (time.Time, error) {
	t, ok := lenient.ParseTime(text)
	if !ok {
		return time.Time{}, fmt.Errorf("%q is not a time: write it like 2006-01-02 or 2006-01-02T15:04:05Z", shown(text))
	}
	return t, nil
}
