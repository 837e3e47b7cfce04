package jwtcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// inspectCommand is `relay jwt inspect`.
type inspectCommand struct {
	Token  []string `arg:"" optional:"" help:"The token; - is standard input, the default without a terminal. Other users can see an argument in the list of processes." placeholder:"TOKEN"`
	Verify bool     `help:"Check the signature with SECRET_KEY and SECRET_KEY_PREVIOUS in the environment, and the times."`
	JSON   bool     `name:"json" help:"Print it as JSON."`
	Stage  string   `help:"Check whether a relay of this stage accepts the token. Its keys are those in the environment or else in .env.STAGE." placeholder:"STAGE"`
}

func (inspectCommand) Help() string {
	return `Shows a token's algorithm, its times, the relay that it is for, and the names of its claims. Their
values may be credentials and aren't shown.

  relay jwt inspect < token.txt
  relay jwt inspect --stage dev < token.txt

The exit code is 1 if it is not a token. With --verify or --stage, it is 1 too if the relay would refuse it.`
}

// Run prints what the token contains.
func (i *inspectCommand) Run(ctx context.Context, c console.Console) error {
	encoded, err := i.read(ctx, c)
	if err != nil {
		return err
	}
	token, err := auth.Parse(encoded)
	if err != nil {
		return err
	}
	var signature string
	var refused error
	if i.Verify || i.Stage != "" {
		signature, refused = i.verify(token)
	}
	found := newInspection(token, signature)
	return errors.Join(refused, c.Print(i.JSON, found, found.text(time.Now())))
}

// read returns the token without the name of the header and the scheme, if they are
// in front of it.
func (i *inspectCommand) read(ctx context.Context, c console.Console) (string, error) {
	given, err := strings.Join(i.Token, " "), error(nil)
	switch {
	case given == "" && console.IsTerminal(c.In):
		given, err = c.AskHidden(ctx, "Token", false)
	case given == "" || given == "-":
		given, err = c.ReadSecret(ctx, "-")
	}
	if err != nil {
		return "", fmt.Errorf("no token: %w", err)
	}
	words := strings.Fields(given)
	for _, before := range []string{"Authorization:", "Bearer"} {
		if len(words) > 0 && strings.EqualFold(words[0], before) {
			words = words[1:]
		}
	}
	switch len(words) {
	case 0:
		return "", errors.New("no token: the input is empty")
	case 1:
		return words[0], nil
	default:
		return "", fmt.Errorf("not a JWT: a JWT is one word, and the input has %d", len(words))
	}
}

// verify describes the key that signed a token. The error is the reason why the
// relay would refuse it.
func (i *inspectCommand) verify(t auth.Unverified) (signature string, refused error) {
	st := &stage{} // without a file: the environment counts
	boundTo := map[string][]string{}
	if i.Stage != "" {
		var err error
		if st, err = openStage(i.Stage); err != nil {
			return "not checked", err
		}
		module, err := project.ReadModule(st.root)
		if err != nil {
			return "not checked", err
		}
		if module, err = st.deploys(module); err != nil {
			return "not checked", err
		}
		boundTo[relay.ProviderClaim], boundTo[relay.StageClaim] = module.Providers, []string{st.name}
	}
	_, critical := t.Header["crit"]
	switch alg := t.Header["alg"]; {
	case alg == "RS256":
		return "not checked", errors.New("XDR signed the token with a key that the relay fetches: SECRET_KEY can't verify it")
	case alg != "HS256":
		return "not checked", errors.New("the relay accepts no algorithm except HS256 and RS256")
	case critical:
		return "not checked", errors.New("the relay accepts no token with crit in its header")
	}
	tried := false
	for _, name := range []string{secretKeyVariable, previousKeyVariable} {
		key, err := st.setting(name)
		if err != nil {
			return "not checked", err
		}
		if key == "" {
			continue
		}
		tried = true
		if jwt.SigningMethodHS256.Verify(t.Signed, t.Signature, []byte(key)) != nil {
			continue
		}
		if !t.Timely(time.Now()) {
			refused = errors.New("the token is not valid at this time")
		}
		for claim, names := range boundTo {
			if value, bound := t.Claims[claim]; bound && !slices.ContainsFunc(names, func(name string) bool { return value == name }) {
				refused = fmt.Errorf("the token is for another relay: its claim %s is not %s", claim, strings.Join(names, " or "))
			}
		}
		return "valid, with " + name, refused
	}
	if !tried {
		return "not checked", errors.New("there is no SECRET_KEY to verify with: set it in the environment, or pass the --stage whose file contains it")
	}
	return "invalid", errors.New("another key signed the token")
}

// inspection is the report of `relay jwt inspect`. It contains no credential.
type inspection struct {
	Algorithm string `json:"algorithm,omitempty"`
	KeyID     string `json:"key_id,omitempty"`
	// The times are in UTC, and zero if the claim is absent or not a valid time.
	IssuedAt     time.Time `json:"issued_at,omitzero"`
	NotBefore    time.Time `json:"not_before,omitzero"`
	Expires      time.Time `json:"expires,omitzero"`
	Provider     string    `json:"provider,omitempty"`
	Stage        string    `json:"stage,omitempty"`
	Audience     string    `json:"audience,omitempty"`
	Organization string    `json:"organization,omitempty"`
	KeysHost     string    `json:"keys_host,omitempty"`
	// Header and Claims are the names of all header fields and claims, sorted.
	Header []string `json:"header"`
	Claims []string `json:"claims"`
	// Signature is empty if it was not checked.
	Signature string `json:"signature,omitempty"`
}

func newInspection(t auth.Unverified, signature string) inspection {
	return inspection{
		Algorithm: texts(t.Header["alg"]), KeyID: texts(t.Header["kid"]),
		IssuedAt: date(t, "iat"), NotBefore: date(t, "nbf"), Expires: date(t, "exp"),
		Provider: texts(t.Claims[relay.ProviderClaim]), Stage: texts(t.Claims[relay.StageClaim]),
		Audience: texts(t.Claims["aud"]), Organization: texts(t.Claims[auth.OrganizationClaim]), KeysHost: texts(t.Claims["jwks_host"]),
		Header: names(t.Header), Claims: names(t.Claims), Signature: signature,
	}
}

// text returns the inspection for people, one line for each property that is set.
func (i inspection) text(now time.Time) string {
	when := func(claim string, at time.Time) string {
		switch {
		case !slices.Contains(i.Claims, claim):
			return ""
		case at.IsZero():
			return "not a valid time"
		}
		return console.When(at, now)
	}
	var b strings.Builder
	for _, line := range [][2]string{
		{"algorithm", i.Algorithm},
		{"key id", i.KeyID},
		{"made", when("iat", i.IssuedAt)},
		{"valid from", when("nbf", i.NotBefore)},
		{"expires", cmp.Or(when("exp", i.Expires), "never")},
		{"provider", i.Provider},
		{"stage", i.Stage},
		{"audience", i.Audience},
		{"org id", i.Organization},
		{"keys at", i.KeysHost},
		{"header", strings.Join(i.Header, ", ")},
		{"claims", strings.Join(i.Claims, ", ")},
		{"signature", i.Signature},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%-10s %s\n", line[0], console.Printable(line[1]))
		}
	}
	return b.String()
}

// names returns the names of an object's members, sorted.
func names(object map[string]any) []string {
	return append([]string{}, slices.Sorted(maps.Keys(object))...) // [] in JSON, not null
}

// texts returns a value that is a string or a list of strings. Others are empty.
func texts(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var all []string
		for _, part := range value {
			if text, ok := part.(string); ok {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// date returns the time in a claim. It is zero unless it is in the years 1 to 9999,
// which JSON's times can have.
func date(t auth.Unverified, claim string) time.Time {
	const firstSecond, lastSecond = -62135596800, 253402300799 // since 1970
	seconds, ok := t.Date(claim)
	if !ok || seconds < firstSecond || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
