package misp

import (
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// validFor is how long a judgement is valid, from today. Judgements on hashes don't
// expire, because a file doesn't change.
const validFor = 7 * 24 * time.Hour

// assessment is a verdict about the observable, by one or several attributes.
type assessment struct {
	disposition ctim.Disposition
	confidence  ctim.Confidence
	valid       ctim.ValidTime
	// remarks explain why it differs from the threat level.
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

// lower lowers the disposition by one step, with a reason. It never becomes Clean: doubt
// about an indicator doesn't make the value good.
func (a *assessment) lower(reason string) {
	if a.disposition == ctim.Malicious {
		a.disposition = ctim.Suspicious
	} else {
		a.disposition = ctim.Unknown
	}
	a.confidence = ctim.ConfidenceLow
	a.remarks = append(a.remarks, reason)
}

// outranks reports whether a decides against other. A valid assessment outranks an
// expired one. If both or neither are valid, the worse one outranks the other. Of equally
// bad ones, the one that is valid longer does.
func (a assessment) outranks(other assessment, now time.Time) bool {
	if valid := a.valid.Contains(now); valid != other.valid.Contains(now) {
		return valid
	}
	if a.disposition != other.disposition {
		return a.disposition < other.disposition
	}
	return a.valid.End.After(other.valid.End.Time)
}

// severities follow the disposition, so that a lowered judgement is less severe too.
var severities = map[ctim.Disposition]ctim.Severity{
	ctim.Malicious:  ctim.SeverityHigh,
	ctim.Suspicious: ctim.SeverityMedium,
	ctim.Common:     ctim.SeverityLow,
	ctim.Unknown:    ctim.SeverityUnknown,
}

// dispositionOf returns the disposition for an event's severity, which is its threat
// level.
func dispositionOf(s ctim.Severity) ctim.Disposition {
	for disposition, severity := range severities {
		if severity == s {
			return disposition
		}
	}
	return ctim.Unknown
}

// maxNames is how many names a message lists.
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
