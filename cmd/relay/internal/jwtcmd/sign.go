package jwtcmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// longestToken is the length of the longest token, in bytes. API Gateway's quota
// for the request line and all headers is 10,240 bytes.
const longestToken = 8 << 10

// signCommand is `relay jwt STAGE`.
type signCommand struct {
	Stage    string       `arg:"" help:"A stage of serverless.yml. Only relays of this stage accept the token."`
	File     string       `short:"f" help:"Read the credentials from this JSON object; - is standard input. Default: ask for them." placeholder:"FILE" type:"path"`
	Claim    []string     `sep:"none" help:"A credential, or another claim of the token." placeholder:"NAME=@FILE"`
	Provider string       `help:"The provider that the token is for. Default: the first that the stage deploys." placeholder:"NAME"`
	Save     bool         `help:"Write the key into .env.STAGE, where a deployment reads it."`
	Rotate   bool         `help:"Make a new key, and keep the current one as SECRET_KEY_PREVIOUS."`
	Key      *string      `help:"Sign with this key. Other users can see it in the list of processes: set SECRET_KEY in the environment instead." placeholder:"KEY"`
	Expires  console.Span `help:"How long the token is valid, such as 90d or 12h. Default: for ever." placeholder:"TIME"`
	Sub      string       `help:"Who uses the token, as the claim sub. The watchlist's history shows who took an action." placeholder:"NAME"`
	Region   string       `help:"The AWS region of the links. Default: the region that serverless.yml deploys to." placeholder:"REGION"`
	JSON     bool         `name:"json" help:"Print everything as JSON, including the key."`
}

func (signCommand) Help() string {
	return `Makes the token for a module in XDR from the credentials that its provider needs, and explains what
to do with it. You are asked for the credentials, or they are read from files or standard input:

  relay jwt dev --save
  relay jwt dev -f credentials.json --sub "SOC Berlin"
  relay jwt dev --claim HOST=@host.txt --claim AuthKey=@key.txt
  pass show misp | relay jwt prod
` + flags.ClaimHelp + `

The token is for one stage and one provider: others refuse it, even with the same key. The provider is
the first in RELAY_PROVIDER, from the environment or .env.STAGE, or else in module_settings.json.
--provider chooses another.

The key is that of a deployment of the stage: SECRET_KEY in the environment, or in .env.STAGE (in .env if
there is no such file). If there is none, the key of npm start on this machine is used, except with
--save. If there is no such key either, a new one is made. If you don't save a new key, keep it: it is
printed only once.

If standard output is not a terminal, it gets the token alone. The rest goes to standard error:

  TOKEN=$(relay jwt dev -f credentials.json --expires 1d)`
}

// Run makes the token, saves the key if asked to, and prints both.
func (s *signCommand) Run(ctx context.Context, c console.Console, module project.Module, find project.FindProvider) error {
	st, err := openStage(s.Stage)
	if err != nil {
		return err
	}
	if module, err = st.deploys(module); err != nil {
		return err
	}
	provider, err := find(cmp.Or(s.Provider, module.First()))
	if err != nil {
		if s.Provider == "" {
			err = fmt.Errorf("provider in RELAY_PROVIDER or module_settings.json: %w", err)
		}
		return err
	}
	region, err := st.service.Region(s.Region, st.setting)
	if err != nil {
		return err
	}
	keys, err := s.chooseKeys(st)
	if err != nil {
		return err
	}
	if s.Key != nil {
		flags.WarnOfArgument(c, "--key", secretKeyVariable+" in the environment")
	}
	declaration := provider.Declaration()
	claims, err := s.claims(ctx, c, declaration)
	if err != nil {
		return err
	}
	claims[relay.ProviderClaim], claims[relay.StageClaim] = declaration.Name, st.name
	if s.Sub != "" {
		claims["sub"] = s.Sub
	}
	made := newMadeToken(st, module, declaration, region, keys)
	if s.Expires > 0 {
		made.Expires = time.Now().Add(time.Duration(s.Expires)).UTC().Truncate(time.Second)
		claims["exp"] = made.Expires.Unix()
	}
	if made.JWT, err = auth.Sign(keys.SecretKey, claims); err != nil {
		return err
	}
	if len(made.JWT) > longestToken {
		return fmt.Errorf("the claims are too long: the token has %d bytes, and API Gateway accepts 10,240 for all headers", len(made.JWT))
	}
	if s.Save {
		if err := st.save(keys); err != nil {
			return fmt.Errorf("save the key: %w", err)
		}
		made.SavedIn = st.path()
	}
	return s.print(c, st, made)
}

// claims returns the claims of --claim, and the credentials that are missing there
// from the file, the terminal or standard input.
func (s *signCommand) claims(ctx context.Context, c console.Console, d relay.Declaration) (map[string]any, error) {
	claims, err := flags.ReadClaims(ctx, c, s.Claim)
	if err != nil {
		return nil, err
	}
	missing := len(s.Claim) == 0 && len(d.Credentials) > 0 ||
		slices.ContainsFunc(d.RequiredCredentials(), func(name string) bool { return claims[name] == nil })
	var more map[string]any
	switch {
	case s.File == "" && !missing:
	case s.File == "" && console.IsTerminal(c.In):
		more, err = askCredentials(ctx, c, d, claims)
	default:
		more, err = readCredentials(ctx, c, cmp.Or(s.File, "-"), d)
	}
	if err != nil {
		return nil, err
	}
	for name, value := range more {
		if claims[name] == nil {
			claims[name] = value
		}
	}
	return claims, checkCredentials(claims, d)
}

// print writes the result for a person or a program.
func (s *signCommand) print(c console.Console, st *stage, made *MadeToken) error {
	if s.Save && st.from != st.fileName() {
		fmt.Fprintf(c.Err, "%s is new and starts with the content of .env: sls reads .env only if there is no %s.\n", st.fileName(), st.fileName())
	}
	if inEnv := inEnvironment(secretKeyVariable); s.Save && inEnv != "" && inEnv != made.SecretKey {
		fmt.Fprintf(c.Err, "SECRET_KEY in the environment overrides %s: unset it before you deploy.\n", st.fileName())
	}
	if s.JSON {
		return console.WriteJSONLine(c.Out, made)
	}
	if console.IsTerminal(c.Out) {
		return made.explain(c.Out, true, true)
	}
	if _, err := fmt.Fprintln(c.Out, made.JWT); err != nil {
		return err
	}
	// A saved key need not get into a log.
	return made.explain(c.Err, false, made.SavedIn == "" || console.IsTerminal(c.Err))
}
