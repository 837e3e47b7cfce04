package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/flatjson"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
	"github.com/serverless-relay/relay/shared/relay"
)

// largestCredentials is how large a file of credentials may be, in bytes. A
// token has to fit into a header, which is less.
const largestCredentials = 64 << 10

// askCredentials asks the person at the terminal for each credential of a
// module. None of them is shown: which of them are secrets isn't known.
func askCredentials(ctx context.Context, c console, module project.Module) (map[string]any, error) {
	fmt.Fprintf(c.err, "The credentials for %s. What you type isn't shown.\n", printable(module.Name))
	claims := map[string]any{}
	for _, credential := range module.Credentials {
		prompt := credential.Prompt
		if strings.TrimSpace(prompt) == "" {
			prompt = credential.Name
		}
		value, err := c.askHidden(ctx, prompt)
		if err != nil {
			return nil, fmt.Errorf("no %s: %w", credential.Name, err)
		}
		claims[credential.Name] = value
	}
	return claims, nil
}

// readCredentials reads the credentials of a module from a file, or from
// standard input for "-": a flat JSON object with each of them, and with
// CTR_ENTITIES_LIMIT if you like. What is wrong with it is told without a value.
func readCredentials(ctx context.Context, name string, stdin io.Reader, module project.Module) (map[string]any, error) {
	data, err := readInput(ctx, name, stdin, largestCredentials)
	if err != nil {
		return nil, err
	}
	if name == "-" {
		name = standardInput
	}
	members, err := flatjson.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: want %s", name, err, wanted(module))
	}
	claims, err := checkCredentials(members, module)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return claims, nil
}

// checkCredentials wants all of a module's credentials and nothing else.
func checkCredentials(members []flatjson.Member, module project.Module) (map[string]any, error) {
	claims := map[string]any{}
	for _, m := range members {
		value := strings.TrimSpace(m.Value)
		known := slices.ContainsFunc(module.Credentials, func(c relay.Credential) bool { return c.Name == m.Name })
		switch {
		case m.Name == relay.EntitiesLimitClaim:
			if n, err := strconv.Atoi(value); err != nil || n < 1 {
				return nil, fmt.Errorf("%s is not a whole number from 1", m.Name)
			}
		case !known:
			return nil, fmt.Errorf("%s needs no credential %q: want %s", module.Name, m.Name, wanted(module))
		case value == "":
			return nil, fmt.Errorf("the credential %s is empty", m.Name)
		}
		claims[m.Name] = value
	}
	for _, c := range module.Credentials {
		if claims[c.Name] == nil {
			return nil, fmt.Errorf("the credential %s is missing: want %s", c.Name, wanted(module))
		}
	}
	return claims, nil
}

// wanted is how a module's credentials are written.
func wanted(module project.Module) string {
	names := make([]string, len(module.Credentials))
	for i, c := range module.Credentials {
		name, _ := json.Marshal(c.Name)
		names[i] = string(name) + `: "..."`
	}
	return "{" + strings.Join(names, ", ") + "}"
}
