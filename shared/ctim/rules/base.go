package rules

import (
	"math"
	"regexp"

	"github.com/serverless-relay/relay/shared/ctim"
)

// short, medium and long accept texts of the lengths that CTIM allows.
func short() rule  { return upTo(ctim.ShortLimit) }
func medium() rule { return upTo(ctim.MedLimit) }
func long() rule   { return upTo(ctim.LongLimit) }

func severity() rule   { return oneOf(ctim.Words[ctim.Severity]()...) }
func confidence() rule { return oneOf(ctim.Words[ctim.Confidence]()...) }

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

// entity accepts entities of a kind, with the fields that all entities may have
// and those of the kind.
func entity(kind string, own fields) rule {
	return object(fields{
		"type":                required(oneOf(kind)),
		"id":                  required(idOf(kind)),
		"schema_version":      required(anyString),
		"external_ids":        optional(list(anyString)),
		"external_references": optional(list(externalReference())),
		"language":            optional(short()),
		"revision":            optional(integer(0, math.MaxInt64)),
		"source":              optional(medium()),
		"source_uri":          optional(anyString),
		"timestamp":           optional(timestamp),
		"tlp":                 optional(oneOf(ctim.Words[ctim.TLP]()...)),
	}.with(own))
}

// described adds the texts that describe an entity to people.
func described(own fields) fields {
	return fields{
		"title":             optional(short()),
		"short_description": optional(medium()),
		"description":       optional(long()),
	}.with(own)
}

// fullyDescribed adds the same texts for the kinds that must have them.
func fullyDescribed(own fields) fields {
	return fields{
		"title":             required(short()),
		"short_description": required(medium()),
		"description":       required(long()),
	}.with(own)
}

func externalReference() rule {
	return object(fields{
		"source_name": required(medium()),
		"description": optional(long()),
		"external_id": optional(anyString),
		"hashes":      optional(list(anyString)),
		"url":         optional(anyString),
	})
}

// validTime accepts the span in which an entity is valid.
func validTime() rule { return span(timestamp, optional, optional) }

// observedTime accepts the moment or span in which something was seen.
func observedTime() rule { return span(timestamp, required, optional) }

// observable accepts observables. The platform adds types now and then, so an
// unknown type is a warning.
func observable() rule {
	return object(fields{
		"type":  required(all(anyString, warn(oneOf(ctim.Words[ctim.ObservableType]()...)))),
		"value": required(anyString),
	})
}

func killChain() rule {
	return list(object(fields{
		"kill_chain_name": required(oneOf("lockheed-martin-cyber-kill-chain")),
		"phase_name":      required(oneOf(ctim.Words[ctim.Phase]()...)),
	}))
}
