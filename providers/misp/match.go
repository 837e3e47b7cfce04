package misp

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/mispevent"
)

// match is an attribute with the observable in it.
type match struct {
	attribute mispevent.Attribute
	// part is the observable: the attribute's value, or one half of a composite.
	part  mispevent.Part
	event *mispevent.Event
}

// isHalf reports whether the observable is one of two in the attribute.
func (m match) isHalf() bool {
	parts, _ := m.attribute.Parts()
	return len(parts) == 2
}

// isWeak reports whether the observable is no indicator by itself: a file's name
// beside its hash, in a composite or in an object. (An object's other attributes
// are not known here. One with a file name nearly always has a hash.)
func (m match) isWeak() bool {
	return m.part.Weak || class(m.part.Observable.Type) == ctim.TypeFileName && m.attribute.ObjectRelation != ""
}

// isReference reports whether the observable is a source of the event rather
// than a threat: the page of a report, or its site.
func (m match) isReference() bool {
	switch class(m.part.Observable.Type) {
	case ctim.TypeURL, ctim.TypeDomain:
		return strings.EqualFold(string(m.attribute.Category), "External analysis") && !bool(m.attribute.ToIDs)
	default:
		return false
	}
}

// counts reports whether the match counts. Deleted attributes and references don't. With
// toIDsOnly, weak matches and attributes that are not marked for detection don't either.
func (m match) counts(toIDsOnly bool) bool {
	if bool(m.attribute.Deleted) || m.isReference() {
		return false
	}
	return !toIDsOnly || bool(m.attribute.ToIDs) && !m.isWeak()
}

// sightings returns the attribute's sightings, without those that the relay
// added for the other half.
func (m match) sightings() []mispevent.Sighting {
	var kept []mispevent.Sighting
	for _, s := range m.attribute.Sightings {
		if half := sourceHalf(string(s.Source)); half == "" || half == class(m.part.Observable.Type) {
			kept = append(kept, s)
		}
	}
	return kept
}

// warnings returns the names of the warning lists with the observable. Those in harmless
// list false positives. Those in known only identify an owner, such as a cloud.
func (m match) warnings() (harmless, known []string) {
	for _, w := range m.attribute.Warnings {
		switch {
		case w.List == "" || m.isOtherHalf(string(w.Value)):
		case w.IsFalsePositive():
			harmless = appendNew(harmless, string(w.List))
		default:
			known = appendNew(known, string(w.List))
		}
	}
	return harmless, known
}

// isOtherHalf reports whether value is the other half of the attribute.
func (m match) isOtherHalf(value string) bool {
	if !m.isHalf() || strings.EqualFold(value, m.part.Observable.Value) {
		return false
	}
	parts, _ := m.attribute.Parts()
	for _, part := range parts {
		if strings.EqualFold(value, part.Observable.Value) {
			return true
		}
	}
	return false
}

// falsePositiveTag returns the tag of the attribute or its event that marks the
// value as a false positive, or "".
func (m match) falsePositiveTag() string {
	for _, tags := range [][]mispevent.Tag{m.attribute.Tags, m.event.Tags} {
		for _, tag := range tags {
			if tag.IsFalsePositive() {
				return string(tag.Name)
			}
		}
	}
	return ""
}
