package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/text"
)

// The algorithms that the relay accepts, by their names in a token's header.
const (
	algHS256 = "HS256"
	algRS256 = "RS256"
)

// leeway is the accepted difference between the clocks of the relay and of the signer.
const leeway = 30 * time.Second

// Unverified is a parsed token. Anyone may have written it. It prints as
// "[unverified token]", because claims contain credentials.
type Unverified struct {
	// Header and Claims are the token's first two parts. Numbers in them are of
	// type json.Number.
	Header map[string]any `json:"-"`
	Claims map[string]any `json:"-"`
	// Signed is the text that the signature is for: the first two parts as sent.
	Signed    string `json:"-"`
	Signature []byte `json:"-"`
}

// Format keeps the claims out of every fmt verb.
func (Unverified) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[unverified token]") }

// Parse parses a token without verifying it. A token is three segments of
// base64url without padding (RFC 7515, section 7.1). The first two are JSON
// objects. Parse is stricter than the JWT library's parser, which accepts
// repeated names and data after the payload's object. So no two readers can take
// one token for two different ones.
//
// The error names the part that is wrong and repeats nothing of it.
func Parse(encoded string) (Unverified, error) {
	segments := strings.Split(encoded, ".")
	if len(segments) != 3 {
		return Unverified{}, fmt.Errorf("not a JWT: a JWT has 2 dots, and this text has %d", len(segments)-1)
	}
	names := [3]string{"header", "payload", "signature"}
	var decoded [3][]byte
	for i, segment := range segments {
		b, err := base64.RawURLEncoding.Strict().DecodeString(segment)
		if err != nil {
			return Unverified{}, fmt.Errorf("not a JWT: its %s is not base64url without padding", names[i])
		}
		decoded[i] = b
	}
	var objects [2]map[string]any
	for i := range objects {
		object, ok := decodeObject(decoded[i])
		if !ok {
			return Unverified{}, fmt.Errorf("not a JWT: its %s is not a JSON object with different names", names[i])
		}
		objects[i] = object
	}
	return Unverified{
		Header:    objects[0],
		Claims:    objects[1],
		Signed:    segments[0] + "." + segments[1],
		Signature: decoded[2],
	}, nil
}

// Timely reports whether now is between the token's nbf and exp claims, with a
// leeway of 30 seconds. A token without them is always timely. If one of them isn't a
// number, the token isn't timely: its signer meant a limit.
//
// Timely compares in floating point. The JWT library converts to int64, with a result
// that depends on the processor for numbers out of range. It also treats exp 0 as
// absent.
func (t Unverified) Timely(now time.Time) bool {
	seconds := float64(now.UnixMilli()) / 1000
	if _, ok := t.Claims["exp"]; ok {
		if limit, ok := t.Date("exp"); !ok || seconds >= limit+leeway.Seconds() {
			return false
		}
	}
	if _, ok := t.Claims["nbf"]; ok {
		if limit, ok := t.Date("nbf"); !ok || seconds < limit-leeway.Seconds() {
			return false
		}
	}
	return true
}

// Date returns a claim that is a date: seconds since 1970, with an optional
// fraction (RFC 7519, section 2). ok is false if the claim is absent or not a number.
func (t Unverified) Date(claim string) (seconds float64, ok bool) {
	number, ok := t.Claims[claim].(json.Number)
	if !ok {
		return 0, false
	}
	seconds, err := number.Float64()
	return seconds, err == nil
}

// decodeObject decodes a JSON object in UTF-8 whose names are all different. Its
// numbers become json.Number, so that large ones keep all their digits.
func decodeObject(data []byte) (object map[string]any, ok bool) {
	if !utf8.Valid(data) || !json.Valid(data) || bytes.TrimLeft(data, " \t\r\n")[0] != '{' {
		return nil, false
	}
	object = make(map[string]any)
	for name, raw := range text.Members(string(data)) {
		if _, repeated := object[name]; repeated {
			return nil, false
		}
		if s, ok := text.String(raw); ok {
			object[name] = s
			continue
		}
		var value any
		dec := json.NewDecoder(strings.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		object[name] = value
	}
	return object, true
}
