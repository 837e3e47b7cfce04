package rules

import "regexp"

// uuid matches a UUID in lower case.
const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

var (
	// anyID matches the ids that CTIM accepts: of a stored entity, or of one that
	// only this response knows.
	anyID = regexp.MustCompile(`^(https?://.+/ctia/[a-z-]+/[a-z-]+-` + uuid + `|transient:.+)$`)
	// relayID matches the ids that a relay should use.
	relayID = regexp.MustCompile(`^transient:([a-z-]+)-` + uuid + `$`)
	// transientID matches the ids that only this response knows.
	transientID = regexp.MustCompile(`^transient:`)
)

// reference accepts the id of any entity.
func reference() rule {
	return matching(anyID, "an id such as transient:judgement-<UUID>")
}

// idOf accepts the id of an entity of a kind. One that doesn't name the kind is
// a warning.
func idOf(kind string) rule {
	return all(reference(), func(path string, value any) []Problem {
		id := value.(string)
		if match := relayID.FindStringSubmatch(id); transientID.MatchString(id) && (match == nil || match[1] != kind) {
			return warnAt(path, "should be of the form transient:%s-<UUID>, is %s", kind, quote(id))
		}
		return nil
	})
}
