package jwtcmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/auth"
)

// largestToken is the size of the largest input that is read as a token, in bytes.
const largestToken = 1 << 20

// Inspect is `relay jwt inspect`.
type Inspect struct {
	Token  []string `arg:"" optional:"" help:"The token; - is standard input, the default without a terminal. Other users can see an argument in the list of processes." placeholder:"TOKEN"`
	Verify bool     `help:"Check the signature with SECRET_KEY and SECRET_KEY_PREVIOUS in the environment, and the times."`
	JSON   bool     `name:"json" help:"Print it as JSON."`
	Stage  string   `help:"Check whether a relay of this stage accepts the token. Its keys are those in the environment or else in .env.STAGE." placeholder:"STAGE"`
}

// Help implements kong.HelpProvider.
func (Inspect) Help() string {
	return `Shows a token's header, its times, whom it is for, and the names of its claims. Their values may be
credentials and aren't shown.

  relay jwt inspect < token.txt
  relay jwt inspect --stage dev < token.txt

The exit code is 1 if it is not a token. With --verify or --stage, it is 1 too if the relay would refuse it.`
}

// Run prints what the token contains.
func (i *Inspect) Run(ctx context.Context, c console.Console) error {
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
	if i.JSON {
		return errors.Join(refused, c.PrintJSON(newInspection(token, signature)))
	}
	_, err = io.WriteString(c.Out, describe(token, time.Now())+line("signature", signature))
	return errors.Join(refused, err)
}

// read returns the token without the name of the header and the scheme, if they are
// in front of it.
func (i *Inspect) read(ctx context.Context, c console.Console) (string, error) {
	given := strings.Join(i.Token, " ")
	switch {
	case given == "" && console.IsTerminal(c.In):
		typed, err := c.AskHidden(ctx, "Token", false)
		if err != nil {
			return "", fmt.Errorf("no token: %w", err)
		}
		given = typed
	case given == "" || given == "-":
		data, err := c.ReadInput(ctx, "-", largestToken)
		if err != nil {
			return "", err
		}
		given = string(data)
	}
	words := strings.Fields(given)
	for _, before := range []string{"Authorization:", "Bearer"} {
		if len(words) > 0 && strings.EqualFold(words[0], before) {
			words = words[1:]
		}
	}
	if len(words) != 1 {
		return "", fmt.Errorf("not a JWT: %d words instead of 1", len(words))
	}
	return words[0], nil
}

// describe returns a report about a token. It contains no credential.
func describe(t auth.Unverified, now time.Time) string {
	header := make([]string, 0, len(t.Header))
	for _, name := range slices.Sorted(maps.Keys(t.Header)) {
		if value, ok := t.Header[name].(string); ok && slices.Contains([]string{"alg", "kid", "typ"}, name) {
			name += " " + value
		}
		header = append(header, name)
	}
	var b strings.Builder
	b.WriteString(line("header", strings.Join(header, ", ")))
	b.WriteString(line("made", moment(t, "iat", now)))
	b.WriteString(line("valid from", moment(t, "nbf", now)))
	b.WriteString(line("expires", cmp.Or(moment(t, "exp", now), "never")))
	b.WriteString(line("provider", texts(t.Claims[auth.ProviderClaim])))
	b.WriteString(line("stage", texts(t.Claims[auth.StageClaim])))
	b.WriteString(line("audience", texts(t.Claims["aud"])))
	b.WriteString(line("org id", texts(t.Claims[auth.OrganizationClaim])))
	b.WriteString(line("keys at", texts(t.Claims["jwks_host"])))
	b.WriteString(line("claims", strings.Join(slices.Sorted(maps.Keys(t.Claims)), ", ")))
	return b.String()
}

// line returns a line of the report. It is empty if there is no text.
func line(title, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%-10s %s\n", title, console.Printable(text))
}

// texts returns a claim that is a string or a list of strings. Others are empty.
func texts(claim any) string {
	switch claim := claim.(type) {
	case string:
		return claim
	case []any:
		var all []string
		for _, part := range claim {
			if text, ok := part.(string); ok {
				all = append(all, text)
			}
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// The first and the last second of the years 1 to 9999, since 1970.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// moment describes a claim that should be a time. It is empty if the claim is
// absent.
func moment(t auth.Unverified, claim string, now time.Time) string {
	if _, ok := t.Claims[claim]; !ok {
		return ""
	}
	seconds, ok := t.Date(claim)
	switch {
	case !ok:
		return "not a time"
	case seconds < firstSecond:
		return "before the year 1"
	case seconds > lastSecond:
		return "after the year 9999"
	}
	return console.When(time.Unix(int64(seconds), 0), now)
}

// verify describes the key that signed a token. The error is the reason for which
// the relay would refuse it.
func (i *Inspect) verify(t auth.Unverified) (signature string, refused error) {
	setting := func(name string) (string, error) { return inEnvironment(name), nil }
	boundTo := map[string]string{}
	if i.Stage != "" {
		st, err := openStage(i.Stage)
		if err != nil {
			return "not checked", err
		}
		module, err := project.ReadModule(st.root)
		if err != nil {
			return "not checked", err
		}
		setting = st.setting
		boundTo[auth.ProviderClaim], boundTo[auth.StageClaim] = module.Provider, st.name
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
		key, err := setting(name)
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
		for claim, name := range boundTo {
			if value, bound := t.Claims[claim]; bound && value != name {
				refused = fmt.Errorf("the token is for another relay: its claim %s is not %s", claim, name)
			}
		}
		return "valid, with " + name, refused
	}
	if !tried {
		return "not checked", errors.New("there is no SECRET_KEY to verify with: set it in the environment, or pass the --stage whose file contains it")
	}
	return "invalid", errors.New("another key signed the token")
}
