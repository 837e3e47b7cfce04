package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/relay"
)

// longestToken is how long a token may be, in bytes. An HTTP API takes 10,240
// bytes for the request line and all headers (API Gateway's quotas).
const longestToken = 8 << 10

// signCommand is `relay jwt STAGE`.
type signCommand struct {
	Stage   string  `arg:"" help:"A stage of serverless.yml."`
	File    string  `short:"f" help:"The credentials, as a JSON object; - is standard input. Default: they are asked for." placeholder:"FILE" type:"path"`
	Save    bool    `help:"Write the key into .env.STAGE, from where a deployment takes it."`
	Rotate  bool    `help:"Make a new key, and keep the one that is there as SECRET_KEY_PREVIOUS."`
	Key     *string `help:"Sign with this key. Others see it in the list of processes: better set SECRET_KEY in the environment." placeholder:"KEY"`
	Expires span    `help:"How long the token is good, such as 90d or 12h. Default: for ever." placeholder:"TIME"`
	Sub     string  `help:"Whose token it is, as the claim sub: the watchlist's history names who took an action." placeholder:"NAME"`
	Region  string  `help:"The AWS region of the links. Default: the one that serverless.yml deploys to." placeholder:"REGION"`
	JSON    bool    `name:"json" help:"Print everything as JSON, the key too."`
}

// Help implements kong.HelpProvider.
func (signCommand) Help() string {
	return `Makes the token for a module in XDR from the credentials that its provider needs, and says what to do
with it. They are asked for and not shown, or read from a file or standard input:

  relay jwt dev --save
  relay jwt dev -f credentials.json --sub "SOC Berlin"
  pass show misp | relay jwt prod

The key is the stage's own, as a deployment has it: SECRET_KEY in the environment, or else in
.env.STAGE (.env where that isn't there). Where there is none, one is made. Where a new one is made
and not saved, keep it: it is printed this once.

On a pipe, the token alone goes to standard output, and the rest to standard error:

  TOKEN=$(relay jwt dev -f credentials.json --expires 1d)`
}

// Run makes the token, saves the key where that is wanted, and prints both.
func (s *signCommand) Run(ctx context.Context, c console) error {
	st, err := openStage(s.Stage)
	if err != nil {
		return err
	}
	module, err := project.ReadModule(st.root)
	if err != nil {
		return err
	}
	provider, err := c.find(module.Provider)
	if err != nil {
		return fmt.Errorf("module_settings.json: provider: %w", err)
	}
	region, err := st.service.Region(s.Region, st.setting)
	if err != nil {
		return err
	}
	keys, err := s.chooseKeys(st)
	if err != nil {
		return err
	}
	claims, err := s.claims(ctx, c, provider.Declaration())
	if err != nil {
		return err
	}
	if s.Sub != "" {
		claims["sub"] = s.Sub
	}
	made := newMadeToken(st, module, region, keys)
	now := time.Now()
	if s.Expires > 0 {
		made.Expires = now.Add(time.Duration(s.Expires)).UTC().Truncate(time.Second)
		claims["exp"] = made.Expires.Unix()
	}
	if made.JWT, err = auth.Sign(keys.secret, claims); err != nil {
		return err
	}
	if len(made.JWT) > longestToken {
		return fmt.Errorf("the credentials are too long: the token has %d bytes, and API Gateway takes 10,240 for all headers", len(made.JWT))
	}
	if s.Save {
		if err := keys.save(st); err != nil {
			return fmt.Errorf("save the key: %w", err)
		}
		made.SavedIn = st.path()
	}
	return s.print(c, st, made, now)
}

// claims are the credentials, from wherever they come.
func (s *signCommand) claims(ctx context.Context, c console, d relay.Declaration) (map[string]any, error) {
	switch {
	case s.File == "" && len(d.Credentials) == 0:
		return map[string]any{}, nil
	case s.File == "" && isTerminal(c.in):
		return askCredentials(ctx, c, d)
	default:
		return readCredentials(ctx, cmp.Or(s.File, "-"), c.in, d)
	}
}

// print writes what a person or a program wants to know.
func (s *signCommand) print(c console, st *stage, made *madeToken, now time.Time) error {
	if s.Save && st.shared {
		fmt.Fprintf(c.err, "%s is new and starts with what .env has: sls reads .env only where there is no %s.\n", st.fileName(), st.fileName())
	}
	if inEnv := inEnvironment(secretKeyVariable); s.Save && inEnv != "" && inEnv != made.SecretKey {
		fmt.Fprintf(c.err, "SECRET_KEY in the environment wins over %s: unset it before you deploy.\n", st.fileName())
	}
	if s.JSON {
		return json.NewEncoder(c.out).Encode(made)
	}
	if isTerminal(c.out) {
		return made.explain(c.out, now, true, true)
	}
	if _, err := fmt.Fprintln(c.out, made.JWT); err != nil {
		return err
	}
	// A key that is saved needn't get into a log.
	return made.explain(c.err, now, false, made.SavedIn == "" || isTerminal(c.err))
}
