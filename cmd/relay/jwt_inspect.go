package main

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

	"github.com/serverless-relay/relay/shared/auth"
)

// largestToken is how much may be read that should be a token, in bytes.
const largestToken = 1 << 20

// inspectCommand is `relay jwt inspect`.
type inspectCommand struct {
	Token  []string `arg:"" optional:"" help:"The token; - is standard input, which is the default on a pipe. Others see an argument in the list of processes." placeholder:"TOKEN"`
	Verify bool     `help:"Check the signature with SECRET_KEY and SECRET_KEY_PREVIOUS from the environment, and the times."`
	Stage  string   `help:"Check them with the keys of this stage: those in the environment, or else in .env.STAGE." placeholder:"STAGE"`
}

// Help implements kong.HelpProvider.
func (inspectCommand) Help() string {
	return `Shows a token's header, its times, and the names of its claims. Their values are credentials and
aren't shown.

  relay jwt inspect < token.txt
  relay jwt inspect --stage dev < token.txt

Exit code 1 means that it is no token or, with --verify or --stage, that a relay with these keys would
refuse it.`
}

// Run prints what the token says.
func (i *inspectCommand) Run(ctx context.Context, c console) error {
	encoded, err := i.read(ctx, c)
	if err != nil {
		return err
	}
	token, err := auth.Parse(encoded)
	if err != nil {
		return err
	}
	report := describe(token, time.Now())
	var refused error
	if i.Verify || i.Stage != "" {
		var signature string
		signature, refused = i.verify(token)
		report += line("signature", signature)
	}
	_, err = io.WriteString(c.out, report)
	return errors.Join(refused, err)
}

// read gives the token, with or without the name of the header and the scheme
// in front of it.
func (i *inspectCommand) read(ctx context.Context, c console) (string, error) {
	given := strings.Join(i.Token, " ")
	switch {
	case given == "" && isTerminal(c.in):
		typed, err := c.askHidden(ctx, "Token", false)
		if err != nil {
			return "", fmt.Errorf("no token: %w", err)
		}
		given = typed
	case given == "" || given == "-":
		data, err := readInput(ctx, "-", c.in, largestToken)
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

// describe tells what a token says, but no credential.
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
	b.WriteString(line("good from", moment(t, "nbf", now)))
	b.WriteString(line("expires", cmp.Or(moment(t, "exp", now), "never")))
	b.WriteString(line("audience", texts(t.Claims["aud"])))
	b.WriteString(line("keys at", texts(t.Claims["jwks_host"])))
	b.WriteString(line("claims", strings.Join(slices.Sorted(maps.Keys(t.Claims)), ", ")))
	return b.String()
}

// line is a line of the report, or nothing where there is nothing to say.
func line(title, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%-10s %s\n", title, printable(text))
}

// texts is a claim that is a string or a list of strings, else nothing.
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

// moment is a claim that should be a time, in words. It is empty where the claim
// is absent.
func moment(t auth.Unverified, claim string, now time.Time) string {
	if _, ok := t.Claims[claim]; !ok {
		return ""
	}
	seconds, ok := t.Date(claim)
	switch {
	case !ok:
		return "not a time"
	case seconds < -62135596800:
		return "before the year 1"
	case seconds > 253402300799:
		return "after the year 9999"
	}
	return when(time.Unix(int64(seconds), 0), now)
}

// verify says with which key a token is signed. The error is why a relay with
// these keys would refuse it.
func (i *inspectCommand) verify(t auth.Unverified) (signature string, refused error) {
	setting := func(name string) (string, error) { return inEnvironment(name), nil }
	if i.Stage != "" {
		st, err := openStage(i.Stage)
		if err != nil {
			return "not checked", err
		}
		setting = st.setting
	}
	_, critical := t.Header["crit"]
	switch alg := t.Header["alg"]; {
	case alg == "RS256":
		return "not checked", errors.New("the token is signed by XDR, whose keys the relay fetches: no SECRET_KEY verifies it")
	case alg != "HS256":
		return "not checked", errors.New("the relay takes no algorithm but HS256 and RS256")
	case critical:
		return "not checked", errors.New("the relay takes no token whose header has crit")
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
			refused = errors.New("the token doesn't count at this time")
		}
		return "good, with " + name, refused
	}
	if !tried {
		return "not checked", errors.New("there is no SECRET_KEY to verify with: set it in the environment, or name the --stage whose file has it")
	}
	return "wrong", errors.New("the token is signed with another key")
}
