package misp

import (
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
)

// validFor is how long a judgement holds. A hash stays what it is.
const validFor = 7 * 24 * time.Hour

// match is an attribute that counts, and the part of it that is the observable.
type match struct {
	attribute misp.Attribute
	part      misp.Part
}

// standing is what one attribute says about the observable.
type standing struct {
	disposition ctim.Disposition
	confidence  ctim.Confidence
	valid       ctim.ValidTime
	// remarks say in words why it isn't simply what the threat level says.
	remarks []string
}

// standing judges the observable by one attribute of the event.
func (f finding) standing(m match) standing {
	s := standing{disposition: dispositionOf(f.event), confidence: ctim.ConfidenceMedium}
	if !m.attribute.ToIDs {
		s.lower("not meant for detection (to_ids is false)")
	}
	if m.part.Weak {
		s.lower("the name of a file whose hash is given")
	}
	opinion := opinionOf(m.attribute.Sightings)
	if opinion.denied() {
		s.lower("a false positive" + by(opinion.deniedBy))
	}
	today := f.now.UTC().Truncate(24 * time.Hour)
	end := today.Add(validFor)
	switch f.target.normal.Type {
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		end = ctim.Forever().Time
	}
	if !opinion.expires.IsZero() && opinion.expires.Before(end) {
		end = opinion.expires
		s.remarks = append(s.remarks, "expires on "+end.UTC().Format(time.DateOnly))
		if !end.After(f.now) {
			s.remarks[len(s.remarks)-1] = "expired on " + end.UTC().Format(time.DateOnly)
		}
	}
	s.valid = ctim.Between(today, end)
	return s
}

// worst is the standing that decides, and whose it is: one that holds before
// one that doesn't, then the worse one, then the one that holds longer.
func (f finding) worst() standing {
	var worst standing
	for i, m := range f.matches {
		if s := f.standing(m); i == 0 || s.outranks(worst, f.now) {
			worst = s
		}
	}
	return worst
}

func (s standing) outranks(other standing, now time.Time) bool {
	if holds := s.valid.Contains(now); holds != other.valid.Contains(now) {
		return holds
	}
	if s.disposition != other.disposition {
		return s.disposition < other.disposition
	}
	return s.valid.End.After(other.valid.End.Time)
}

// lower makes the standing less bad, and says why. Nothing becomes Clean by it.
func (s *standing) lower(why string) {
	if s.disposition == ctim.Malicious {
		s.disposition = ctim.Suspicious
	} else {
		s.disposition = ctim.Unknown
	}
	s.confidence = ctim.ConfidenceLow
	s.remarks = append(s.remarks, why)
}

// dispositionOf is what the event's threat level says.
func dispositionOf(e *misp.Event) ctim.Disposition {
	switch e.Severity() {
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

// by names organisations in words; some have no name.
func by(organisations []string) string {
	const most = 3
	var names []string
	for _, name := range organisations {
		if name != "" && len(names) < most {
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
