package formats

import (
	"errors"
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
	return 0, errors.New("not a disposition: clean, malicious, suspicious, common and unknown are")
}

// parseAction reads what a control is to do with an indicator.
func parseAction(text string) (ctim.Disposition, error) {
	switch plainName(text) {
	case "allow", "allowed", "permit", "pass", "accept", "whitelist", "ignore", "noaction":
		return ctim.Clean, nil
	case "block", "blocked", "deny", "drop", "reject", "prevent", "preventnoui", "quarantine", "sinkhole", "blockandremediate", "nxdomain", "blacklist":
		return ctim.Malicious, nil
	case "alert", "alertonly", "alertandblock", "audit", "warn", "monitor", "detect", "log", "observe":
		return ctim.Suspicious, nil
	}
	return 0, errors.New("not an action: allow, block, alert and the like are")
}

// parseEnd reads until when something counts.
func parseEnd(text string, order dateOrder) (time.Time, error) {
	switch strings.ToLower(text) {
	case "never", "no expiry", "no expiration", "unlimited":
		return time.Time{}, nil
	}
	if isBlank(text) {
		return time.Time{}, nil
	}
	return parseDate(text, order)
}

func parseSeverity(text string) (ctim.Severity, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "critical":
		return ctim.SeverityCritical, true
	case "high":
		return ctim.SeverityHigh, true
	case "medium", "moderate":
		return ctim.SeverityMedium, true
	case "low":
		return ctim.SeverityLow, true
	case "info", "informational":
		return ctim.SeverityInfo, true
	case "none":
		return ctim.SeverityNone, true
	case "unknown":
		return ctim.SeverityUnknown, true
	}
	return "", false
}

func parseConfidence(text string) (ctim.Confidence, bool) {
	text = strings.TrimSpace(text)
	if percent, err := strconv.Atoi(strings.TrimSuffix(text, "%")); err == nil && percent >= 0 && percent <= 100 {
		return confidenceOf(percent), true
	}
	switch strings.ToLower(text) {
	case "high":
		return ctim.ConfidenceHigh, true
	case "medium", "moderate":
		return ctim.ConfidenceMedium, true
	case "low":
		return ctim.ConfidenceLow, true
	case "info":
		return ctim.ConfidenceInfo, true
	case "none":
		return ctim.ConfidenceNone, true
	case "unknown":
		return ctim.ConfidenceUnknown, true
	}
	return "", false
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
