package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/relay"
)

// largestCredentials is how large a file of credentials may be, in bytes. A
// token has to fit into a header, which is less.
const largestCredentials = 64 << 10

// askCredentials asks the person at the terminal for each of a provider's
// credentials. None of them is shown: which of them are secrets isn't known.
func askCredentials(ctx context.Context, c console, d relay.Declaration) (map[string]any, error) {
	fmt.Fprintf(c.err, "The credentials for %s. What you type isn't shown.\n", printable(d.Title))
	claims := map[string]any{}
	for _, credential := range d.Credentials {
		value, err := c.askHidden(ctx, credential.Prompt, credential.Optional)
		if err != nil {
			return nil, fmt.Errorf("no %s: %w", credential.Name, err)
		}
		if value != "" {
			claims[credential.Name] = value
		}
	}
	return claims, nil
}

// readCredentials reads a provider's credentials from a file, or from standard
// input for "-": a JSON object with each of them, and with CTR_ENTITIES_LIMIT if
// you like. Errors quote no value.
func readCredentials(ctx context.Context, name string, stdin io.Reader, d relay.Declaration) (map[string]any, error) {
	data, err := readInput(ctx, name, stdin, largestCredentials)
	if err != nil {
		return nil, err
	}
	if name == "-" {
		name = standardInput
	}
	var values map[string]string
	// The error of package json may quote a part of a secret.
	if json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &values) != nil || !utf8.Valid(data) {
		return nil, fmt.Errorf("%s is not a JSON object of strings in UTF-8: want %s", name, wanted(d))
	}
	claims, err := checkCredentials(values, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return claims, nil
}

// checkCredentials returns the claims of a token: all of a provider's
// credentials, and nothing that it doesn't know.
func checkCredentials(values map[string]string, d relay.Declaration) (map[string]any, error) {
	claims := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := strings.TrimSpace(values[name])
		known := slices.ContainsFunc(d.Credentials, func(c relay.Credential) bool { return c.Name == name })
		switch {
		case name == relay.EntitiesLimitClaim:
			if n, err := strconv.Atoi(value); err != nil || n < 1 {
				return nil, fmt.Errorf("%s is not a whole number from 1", name)
			}
		case !known:
			return nil, fmt.Errorf("%s needs no credential %q: want %s", d.Title, name, wanted(d))
		case value == "":
			return nil, fmt.Errorf("the credential %s is empty", name)
		}
		claims[name] = value
	}
	for _, name := range d.RequiredCredentials() {
		if claims[name] == nil {
			return nil, fmt.Errorf("the credential %s is missing: want %s", name, wanted(d))
		}
	}
	return claims, nil
}

// wanted shows how a provider's credentials are written.
func wanted(d relay.Declaration) string {
	names := d.RequiredCredentials()
	for i, name := range names {
		names[i] = fmt.Sprintf(`%q: "..."`, name)
	}
	return "{" + strings.Join(names, ", ") + "}"
}
