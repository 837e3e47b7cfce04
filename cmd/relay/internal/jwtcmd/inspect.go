package jwtcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	return `Shows a token's algorithm, its times, the relay that it is for, and the names of its claims. Their
values may be credentials and aren't shown.

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
	found := newInspection(token, signature)
	if i.JSON {
		return errors.Join(refused, c.PrintJSON(found))
	}
	_, err = io.WriteString(c.Out, found.text(time.Now()))
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

// verify describes the key that signed a token. The error is the reason why the
// relay would refuse it.
func (i *Inspect) verify(t auth.Unverified) (signature string, refused error) {
	setting := func(name string) (string, error) { return inEnvironment(name), nil }
	boundTo := map[string][]string{}
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
		boundTo[auth.ProviderClaim], boundTo[auth.StageClaim] = module.Providers, []string{st.name}
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
