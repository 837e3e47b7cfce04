package relay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// DefaultEntitiesLimit is how many judgements, sightings and indicators an
// answer contains for one observable unless the token sets another number.
const DefaultEntitiesLimit = 100

// EntitiesLimitClaim is the claim that sets that number.
const EntitiesLimitClaim = "CTR_ENTITIES_LIMIT"

// The claims that bind a token to one relay. `relay jwt` sets them. A token without
// them is valid for each relay with its key.
const (
	ProviderClaim = "relay_provider"
	StageClaim    = "relay_stage"
)

// Claims are the payload of a caller's verified token: the credentials for the
// third party and the module's settings. They print as "[claims]", so that no
// log or error can contain a credential.
type Claims struct {
	values map[string]any
}

// NewClaims returns the claims of a verified payload.
func NewClaims(values map[string]any) Claims { return Claims{values: values} }

// Get returns the claim as text without surrounding space. It is empty if the
// claim is absent or null, or neither a string, a number nor a boolean.
func (c Claims) Get(name string) string {
	switch v := c.values[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	default:
		return ""
	}
}

// EntitiesLimit returns how many judgements, sightings and indicators the caller
// wants for one observable: the claim CTR_ENTITIES_LIMIT if it is a positive
// integer, otherwise DefaultEntitiesLimit.
func (c Claims) EntitiesLimit() int {
	n, err := strconv.Atoi(cmp.Or(c.Get(EntitiesLimitClaim), "0"))
	if err != nil || n < 1 {
		return DefaultEntitiesLimit
	}
	return n
}

// Texts returns the values that are strings, for package redact. The claims that
// only name this relay are left out: they are no secrets, and likely to be part of
// other words.
func (c Claims) Texts() []string {
	var texts []string
	for name, value := range c.values {
		if text, ok := value.(string); ok && name != ProviderClaim && name != StageClaim {
			texts = append(texts, text)
		}
	}
	return texts
}

// Format keeps the values out of every fmt verb.
func (c Claims) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[claims]") }

// MarshalJSON keeps the values out of JSON, and so out of structured logs.
func (c Claims) MarshalJSON() ([]byte, error) { return []byte(`"[claims]"`), nil }
