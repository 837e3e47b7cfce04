package formats

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// ParseDisposition parses a disposition: CTIM's name or number, or a common synonym.
func ParseDisposition(text string) (ctim.Disposition, error) {
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
	return 0, errors.New("not a disposition: use clean, malicious, suspicious, common or unknown")
}

// parseAction parses the action of a firewall or filter on an indicator.
func parseAction(text string) (ctim.Disposition, error) {
	switch plainName(text) {
	case "allow", "allowed", "permit", "pass", "accept", "whitelist", "ignore", "noaction":
		return ctim.Clean, nil
	case "block", "blocked", "deny", "drop", "reject", "prevent", "preventnoui", "quarantine", "sinkhole", "blockandremediate", "nxdomain", "blacklist":
		return ctim.Malicious, nil
	case "alert", "alertonly", "alertandblock", "audit", "warn", "monitor", "detect", "log", "observe":
		return ctim.Suspicious, nil
	}
	return 0, errors.New("not an action such as allow, block or alert")
}

// parseEnd parses the end of an entry's validity. It is zero for none.
func parseEnd(text string, order dateOrder) (time.Time, error) {
	if isBlank(text) || slices.Contains([]string{"never", "no expiry", "no expiration", "unlimited"}, strings.ToLower(text)) {
		return time.Time{}, nil
	}
	return parseDate(text, order)
}

// ParseSeverity parses a severity, in any case.
func ParseSeverity(text string) (ctim.Severity, bool) {
	return parseLevel(text, ctim.Severities())
}

// ParseConfidence parses a confidence, in any case, or a number from 0 to 100.
func ParseConfidence(text string) (ctim.Confidence, bool) {
	percent, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if err == nil && percent >= 0 && percent <= 100 {
		return confidenceOf(percent), true
	}
	return parseLevel(text, ctim.Confidences())
}

// parseLevel returns the level that a word names.
func parseLevel[T ~string](text string, levels []T) (T, bool) {
	word := strings.ToLower(strings.TrimSpace(text))
	switch word {
	case "moderate":
		word = "medium"
	case "informational":
		word = "info"
	}
	i := slices.IndexFunc(levels, func(level T) bool { return strings.EqualFold(string(level), word) })
	if i < 0 {
		return "", false
	}
	return levels[i], true
}

// confidenceOf returns the confidence of a percentage, by STIX's scale of none, low,
// medium and high.
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
