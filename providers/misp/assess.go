package misp

import (
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// validFor is how long a judgement is valid, from today. One on a hash is valid
// for ever: a file doesn't change.
const validFor = 7 * 24 * time.Hour

// assessment is what attributes say about the observable.
type assessment struct {
	disposition ctim.Disposition
	confidence  ctim.Confidence
	valid       ctim.ValidTime
	// remarks explain how it differs from what the threat level says.
	remarks []string
}

// assess judges the observable by one attribute.
func (m match) assess(now time.Time) assessment {
	a := assessment{disposition: dispositionOf(m.event.Severity()), confidence: ctim.ConfidenceMedium}
	if !m.attribute.ToIDs {
		a.lower("not marked for detection (to_ids is false)")
	}
	if m.isWeak() {
		a.lower("a file's name, not its hash")
	}
	if m.attribute.Type == "email-dst" && a.disposition == ctim.Malicious {
		a.lower("a recipient, who may be a victim")
	}
	harmless, known := m.warnings()
	if len(harmless) > 0 {
		a.lower("on the warning list " + quoted(harmless))
	}
	if len(known) > 0 {
		a.remarks = append(a.remarks, "known: on the list "+quoted(known))
	}
	if tag := m.falsePositiveTag(); tag != "" {
		a.lower("tagged " + tag)
	}
	reported := summarize(m.sightings(), now)
	if reported.isFalsePositive() {
		a.lower("reported as a false positive" + by(reported.falsePositiveBy))
	}
	today := now.UTC().Truncate(24 * time.Hour)
	end := today.Add(validFor)
	switch m.part.Observable.Type {
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		end = ctim.Forever().Time
	}
	if !reported.expires.IsZero() && reported.expires.Before(end) {
		end = reported.expires
		verb := "expires"
		if !end.After(now) {
			verb = "expired"
		}
		a.remarks = append(a.remarks, verb+" on "+end.UTC().Format(time.DateOnly))
	}
	a.valid = ctim.Between(today, end)
	return a
}

// lower takes the disposition one step down, with a reason. Nothing becomes Clean
// by it: that an indicator is doubtful doesn't make the value good.
func (a *assessment) lower(reason string) {
	if a.disposition == ctim.Malicious {
		a.disposition = ctim.Suspicious
	} else {
		a.disposition = ctim.Unknown
	}
	a.confidence = ctim.ConfidenceLow
	a.remarks = append(a.remarks, reason)
}

// outranks reports whether a decides over other: one that is valid now over one
// that isn't, then the worse one, then the one that is valid longer.
func (a assessment) outranks(other assessment, now time.Time) bool {
	if valid := a.valid.Contains(now); valid != other.valid.Contains(now) {
		return valid
	}
	if a.disposition != other.disposition {
		return a.disposition < other.disposition
	}
	return a.valid.End.After(other.valid.End.Time)
}

// severity follows the disposition, so that what is lowered is less severe too.
func (a assessment) severity() ctim.Severity {
	switch a.disposition {
	case ctim.Malicious:
		return ctim.SeverityHigh
	case ctim.Suspicious:
		return ctim.SeverityMedium
	case ctim.Common:
		return ctim.SeverityLow
	default:
		return ctim.SeverityUnknown
	}
}

// dispositionOf translates an event's severity: the threat level.
func dispositionOf(s ctim.Severity) ctim.Disposition {
	switch s {
	case ctim.SeverityHigh:
		return ctim.Malicious
	case ctim.SeverityMedium:
		return ctim.Suspicious
	case ctim.SeverityLow:
		return ctim.Common
	default:
		return ctim.Unknown
	}
}

// maxNames is how many names a sentence has.
const maxNames = 3

// by names organisations: " by A, B, C and 2 more". Hidden names are empty.
func by(organisations []string) string {
	var names []string
	for _, name := range organisations {
		if name != "" && len(names) < maxNames {
			names = append(names, name)
		}
	}
	switch more := len(organisations) - len(names); {
	case len(names) == 0:
		return ""
	case more > 0:
		return fmt.Sprintf(" by %s and %d more", strings.Join(names, ", "), more)
	default:
		return " by " + strings.Join(names, ", ")
	}
}

// quoted names lists: "'A', 'B', 'C' and 2 more".
func quoted(names []string) string {
	quotes := make([]string, len(names))
	for i, name := range names {
		quotes[i] = "'" + name + "'"
	}
	return text.List(quotes, maxNames)
}
