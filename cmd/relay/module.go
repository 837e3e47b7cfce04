package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/relay"
)

// moduleCommand is `relay module`.
type moduleCommand struct {
	Region       string      `help:"The platform's region: us, eu or apjc. Default: XDR_REGION, or us." enum:",us,eu,apjc" default:"" placeholder:"REGION"`
	Host         platformURL `help:"The platform's host, where it isn't the region's." placeholder:"HOST"`
	ClientID     string      `name:"client-id" help:"Id of an API client. Default: XDR_CLIENT_ID." placeholder:"ID"`
	PasswordFile string      `help:"File with the API client's password; - is standard input. Default: XDR_CLIENT_PASSWORD, or a prompt." placeholder:"PATH"`

	Add    moduleAddCommand    `cmd:"" help:"Register the relay as a module."`
	Edit   moduleEditCommand   `cmd:"" help:"Change a registered module."`
	Remove moduleRemoveCommand `cmd:"" help:"Remove a module."`
	List   moduleListCommand   `cmd:"" help:"List the organisation's modules."`
	Type   moduleTypeCommand   `cmd:"" help:"Write a module type for the provider, or register it."`
}

// Help implements kong.HelpProvider.
func (moduleCommand) Help() string {
	return `Speaks to Cisco XDR's API as an API client of your organisation. Make one with the scope "integration"
under Administration, API Clients; its password shows once.

  export XDR_CLIENT_ID=client-... XDR_CLIENT_PASSWORD=...
  relay module add --url https://abc.execute-api.us-east-1.amazonaws.com
  relay module list

In the project's folder, name, provider and module type come from module_settings.json.`
}

// region is the platform's region.
func (m *moduleCommand) region() (platform.Region, error) {
	region := platform.Region(cmp.Or(m.Region, os.Getenv("XDR_REGION"), string(platform.US)))
	if !slices.Contains(platform.Regions(), region) {
		return "", usageError{errors.New("XDR_REGION is not us, eu or apjc")}
	}
	return region, nil
}

// base is where the platform's API is.
func (m *moduleCommand) base() (string, error) {
	if m.Host != "" {
		return string(m.Host), nil
	}
	region, err := m.region()
	return "https://" + region.Host(), err
}

// clientID is the API client's id; empty where nobody says it.
func (m *moduleCommand) clientID() string {
	return strings.TrimSpace(cmp.Or(m.ClientID, os.Getenv("XDR_CLIENT_ID")))
}

// client makes a client of the platform's API. It asks for the password where
// nothing else has it.
func (m *moduleCommand) client(ctx context.Context, c console) (*platform.Client, error) {
	base, err := m.base()
	if err != nil {
		return nil, err
	}
	id := m.clientID()
	if id == "" {
		return nil, usageError{errors.New("no API client: set XDR_CLIENT_ID, or pass --client-id")}
	}
	wanted := secret{variable: "XDR_CLIENT_PASSWORD", prompt: "API client's password", flag: "--password-file"}
	if m.PasswordFile != "" {
		if wanted.given, err = readSecret(ctx, c, m.PasswordFile); err != nil {
			return nil, fmt.Errorf("read the API client's password: %w", err)
		}
		if wanted.given == "" {
			return nil, usageError{errors.New("the API client's password is empty")}
		}
	}
	password, err := wanted.get(ctx, c)
	if err != nil {
		return nil, err
	}
	return platform.New(platform.Options{BaseURL: base, ClientID: id, Password: password}), nil
}

// find is the one module of that id, or else of that name.
func find(ctx context.Context, client *platform.Client, nameOrID string) (platform.Instance, error) {
	all, err := client.Instances(ctx)
	if err != nil {
		return platform.Instance{}, err
	}
	if i := slices.IndexFunc(all, func(i platform.Instance) bool { return i.ID == nameOrID }); i >= 0 {
		return all[i], nil
	}
	found, ok, err := named(all, nameOrID)
	if err == nil && !ok {
		err = fmt.Errorf("there is no module %s: relay module list tells which there are", nameOrID)
	}
	return found, err
}

// named is the module of that name, if there is one. Two are an error.
func named(all []platform.Instance, name string) (found platform.Instance, ok bool, err error) {
	var ids []string
	for _, i := range all {
		if i.Name == name {
			found, ids = i, append(ids, i.ID)
		}
	}
	if len(ids) > 1 {
		return platform.Instance{}, false, fmt.Errorf("%d modules are named %s: %s. Name the one you mean by its id", len(ids), name, strings.Join(ids, ", "))
	}
	return found, len(ids) == 1, nil
}

// apply makes a change, or prints it where it is to be tried only.
func (m *moduleCommand) apply(ctx context.Context, c console, client *platform.Client, change platform.Change, dryRun bool, into any) error {
	if !dryRun {
		return client.Send(ctx, change, into)
	}
	base, err := m.base()
	if err != nil {
		return err
	}
	preview, err := change.Preview(base)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.out, preview)
	return err
}

// declaration is what the provider of that name says of itself.
func declaration(name string) (relay.Declaration, error) {
	if name == "" {
		return relay.Declaration{}, usageError{errors.New("no provider: run this in the project's folder, or pass --provider")}
	}
	provider, err := providers.Find(name)
	if err != nil {
		return relay.Declaration{}, usageError{fmt.Errorf("%s is not one of the providers %s", name, strings.Join(providers.Names(), ", "))}
	}
	return provider.Declaration(), nil
}

// supportedAPIs are the routes that the provider serves, as a module names them.
func supportedAPIs(d relay.Declaration) []string {
	apis := []string{}
	for _, capability := range d.Capabilities() {
		apis = append(apis, capability.APIs()...)
	}
	return apis
}
