package relay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// DefaultEntitiesLimit is how many judgements, sightings and indicators an
// answer contains for one observable unless the token sets another number.
const DefaultEntitiesLimit = 100

// EntitiesLimitClaim is the claim that sets that number.
const EntitiesLimitClaim = "CTR_ENTITIES_LIMIT"

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
	n, err := strconv.Atoi(c.Get(EntitiesLimitClaim))
	if err != nil || n < 1 {
		return DefaultEntitiesLimit
	}
	return n
}

// Redact replaces the claims' values in a text, such as an error that quotes a
// request. Values of up to three characters stay: they are no secrets, and too
// likely to be part of other words.
func (c Claims) Redact(text string) string {
	var secrets []string
	for _, value := range c.values {
		secret, ok := value.(string)
		if !ok || len(secret) <= 3 {
			continue
		}
		quoted, _ := json.Marshal(secret)
		secrets = append(secrets, secret, url.QueryEscape(secret), url.PathEscape(secret),
			base64.StdEncoding.EncodeToString([]byte(secret)), string(quoted[1:len(quoted)-1]))
	}
	// The longest first: one may be part of another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	return text
}

// Format keeps the values out of every fmt verb.
func (c Claims) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[claims]") }

// MarshalJSON keeps the values out of JSON, and so out of structured logs.
func (c Claims) MarshalJSON() ([]byte, error) { return []byte(`"[claims]"`), nil }
