package modulecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// moduleFlags describe a module.
type moduleFlags struct {
	Name     string         `arg:"" optional:"" help:"The module's name. Default: the name in module_settings.json, or the title of another provider." placeholder:"NAME"`
	URL      flags.RelayURL `name:"url" help:"The relay's URL, with the stage, without a route. Default: RELAY_URL." placeholder:"URL"`
	JWT      flags.Token    `name:"jwt" help:"The token that the platform sends to the relay; - reads it from standard input. Default: RELAY_JWT." placeholder:"TOKEN"`
	Provider string         `help:"The module's provider, which determines the routes. Default: the token's, or the first in module_settings.json. The others answer below the relay's URL, such as URL/misp." placeholder:"NAME"`
	DryRun   bool           `help:"Print the request, and send only requests that change nothing."`
}

// module returns the module that the flags and the project describe. It has no
// token if none is set and none is needed.
func (f *moduleFlags) module(ctx context.Context, m *Command, c console.Console, settings project.Module, needsToken bool) (platform.Instance, error) {
	if f.JWT == "-" && m.PasswordFile == "-" {
		return platform.Instance{}, console.Usage(errors.New("standard input has one secret: --jwt or --password-file, not both"))
	}
	name, err := moduleName(f.Name, f.Provider, settings)
	if err != nil {
		return platform.Instance{}, err
	}
	d, err := declaration(cmp.Or(f.Provider, settings.First()))
	if err != nil {
		return platform.Instance{}, err
	}
	url, err := f.URL.OrEnvironment()
	if err != nil {
		return platform.Instance{}, err
	}
	header := ""
	if needsToken || f.JWT.IsSet() {
		token, err := f.JWT.Get(ctx, c)
		if err != nil {
			return platform.Instance{}, err
		}
		header = "Bearer " + token
		provider, err := checkToken(token)
		if err != nil {
			return platform.Instance{}, err
		}
		if provider != "" && provider != d.Name {
			if f.Provider != "" {
				return platform.Instance{}, console.Usage(fmt.Errorf("the token is for the provider %[1]s: pass --provider %[1]s, or make a token with relay jwt STAGE --provider %[2]s",
					console.Printable(provider), d.Name))
			}
			if d, err = declaration(provider); err != nil {
				return platform.Instance{}, err
			}
			name = cmp.Or(strings.TrimSpace(f.Name), settings.NameFor(d))
		}
	}
	return platform.Instance{Name: name, Settings: platform.Settings{URL: settings.URLFor(d, string(url)), AuthType: platform.HeaderAuth,
		AuthorizationHeader: header, SupportedAPIs: relay.APIs(d.Capabilities())}}, nil
}

// checkToken returns the provider that a token is for, or "". It returns an error if the
// token is not a JWT, or not valid at this time.
func checkToken(encoded string) (provider string, err error) {
	token, err := auth.Parse(encoded)
	switch {
	case err != nil:
		return "", console.Usage(fmt.Errorf("the token is %w. Make one with relay jwt", err))
	case !token.Timely(time.Now()):
		return "", console.Usage(errors.New("the token has expired, or is not valid yet: relay jwt inspect shows its times. Make a new one with relay jwt"))
	}
	provider, _ = token.Claims[relay.ProviderClaim].(string)
	return provider, nil
}

// declaration returns the declaration of the provider with a name.
func declaration(name string) (relay.Declaration, error) {
	if name == "" {
		return relay.Declaration{}, console.Usage(errors.New("no provider: run this in the project's folder, or pass --provider"))
	}
	provider, err := providers.Find(name)
	if err != nil {
		return relay.Declaration{}, console.Usage(err)
	}
	return provider.Declaration(), nil
}

// moduleName returns the name of the module of a provider: the given one, or else the
// project's.
func moduleName(given, provider string, m project.Module) (string, error) {
	name := cmp.Or(strings.TrimSpace(given), m.Name)
	if given == "" && provider != "" {
		d, err := declaration(provider)
		return m.NameFor(d), err
	}
	if name == "" {
		return "", console.Usage(errors.New("no module: pass its name, or run this in the project's folder"))
	}
	return name, nil
}

// find returns the module with an id or, if there is none, with that name.
func find(ctx context.Context, client *platform.Client, nameOrID string) (platform.Instance, error) {
	all, err := client.Instances(ctx)
	if err != nil {
		return platform.Instance{}, err
	}
	if i := slices.IndexFunc(all, func(i platform.Instance) bool { return i.ID == nameOrID }); i >= 0 {
		return all[i], nil
	}
	found, ok, err := findName(all, nameOrID)
	if err == nil && !ok {
		err = fmt.Errorf("there is no module %s: relay module list shows all modules", nameOrID)
	}
	return found, err
}

// findName returns the module with a name, if there is one. If there are several,
// it returns an error.
func findName(all []platform.Instance, name string) (found platform.Instance, ok bool, err error) {
	var ids []string
	for _, i := range all {
		if i.Name == name {
			found, ids = i, append(ids, i.ID)
		}
	}
	if len(ids) > 1 {
		return platform.Instance{}, false, fmt.Errorf("%d modules are named %s: %s. Pass the id instead of the name", len(ids), name, strings.Join(ids, ", "))
	}
	return found, len(ids) == 1, nil
}
