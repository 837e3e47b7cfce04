package ctimrules

import (
	"regexp"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/ctim"
)

// The lengths of texts in CTIM.
func short() shape.Rule  { return shape.Text(ctim.ShortLimit) }
func medium() shape.Rule { return shape.Text(ctim.MedLimit) }
func long() shape.Rule   { return shape.Text(ctim.LongLimit) }

func severity() shape.Rule   { return shape.Word(ctim.Severities()...) }
func confidence() shape.Rule { return shape.Word(ctim.Confidences()...) }

// uuid is the form of a UUID. Its letters are small.
const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

var (
	// anyID is what CTIM takes for an id: one that its store gave, or one that
	// is good for this answer only.
	anyID = regexp.MustCompile(`^(https?://.+/ctia/[a-z-]+/[a-z-]+-` + uuid + `|transient:.+)$`)
	// relayID is the id that a relay should give.
	relayID = regexp.MustCompile(`^transient:([a-z-]+)-` + uuid + `$`)
	// anyTransient is an id that only means something within the answer.
	anyTransient = regexp.MustCompile(`^transient:`)
)

// reference is the id of some entity.
func reference() shape.Rule {
	return shape.Matching(anyID, "an id such as transient:judgement-<UUID>")
}

// ownID is the id of an entity of that kind. One that doesn't tell the kind is
// a warning.
func ownID(kind string) shape.Rule {
	return shape.All(reference(), shape.Warn(func(path string, value any) []shape.Problem {
		id := value.(string)
		if match := relayID.FindStringSubmatch(id); anyTransient.MatchString(id) && (match == nil || match[1] != kind) {
			return shape.At(path, "%s is not of the form transient:%s-<UUID>", shape.Quote(id), kind)
		}
		return nil
	}))
}

// entity are the fields that all entities of that kind have, and its own.
func entity(kind string, own shape.Fields) shape.Rule {
	return shape.Object(shape.Fields{
		"type":                shape.Required(shape.Word(kind)),
		"id":                  shape.Required(ownID(kind)),
		"schema_version":      shape.Required(shape.Text(0)),
		"external_ids":        shape.Optional(shape.List(shape.Text(0))),
		"external_references": shape.Optional(shape.List(externalReference())),
		"language":            shape.Optional(short()),
		"revision":            shape.Optional(shape.Integer(0, shape.MostInt)),
		"source":              shape.Optional(medium()),
		"source_uri":          shape.Optional(shape.Text(0)),
		"timestamp":           shape.Optional(shape.Time()),
		"tlp":                 shape.Optional(shape.Word(ctim.TLPs()...)),
	}.With(own))
}

// described are an entity's own fields and the texts by which it presents
// itself to people.
func described(own shape.Fields) shape.Fields {
	return shape.Fields{
		"title":             shape.Optional(short()),
		"short_description": shape.Optional(medium()),
		"description":       shape.Optional(long()),
	}.With(own)
}

// fullyDescribed are the same where CTIM wants the texts.
func fullyDescribed(own shape.Fields) shape.Fields {
	return shape.Fields{
		"title":             shape.Required(short()),
		"short_description": shape.Required(medium()),
		"description":       shape.Required(long()),
	}.With(own)
}

func externalReference() shape.Rule {
	return shape.Object(shape.Fields{
		"source_name": shape.Required(medium()),
		"description": shape.Optional(long()),
		"external_id": shape.Optional(shape.Text(0)),
		"hashes":      shape.Optional(shape.List(shape.Text(0))),
		"url":         shape.Optional(shape.Text(0)),
	})
}

// validTime is the span in which an entity holds.
func validTime() shape.Rule { return shape.Span(shape.Optional, shape.Optional) }

// observedTime is the moment or span in which something was seen.
func observedTime() shape.Rule { return shape.Span(shape.Required, shape.Optional) }

// observable is a thing that can be seen. The platform adds types now and then,
// so one that isn't known here is a warning.
func observable() shape.Rule {
	return shape.Object(shape.Fields{
		"type":  shape.Required(shape.All(shape.Text(0), shape.Warn(shape.Word(ctim.ObservableTypes()...)))),
		"value": shape.Required(shape.Text(0)),
	})
}

func killChain() shape.Rule {
	return shape.List(shape.Object(shape.Fields{
		"kill_chain_name": shape.Required(shape.Word("lockheed-martin-cyber-kill-chain")),
		"phase_name":      shape.Required(shape.Word(ctim.Phases()...)),
	}))
}

// object is an object of which no more is checked, list such a list.
func object() shape.Rule { return shape.OpenObject(nil) }
func list() shape.Rule   { return shape.List(shape.Any()) }
