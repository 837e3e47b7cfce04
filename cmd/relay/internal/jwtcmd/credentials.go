package jwtcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/relay"
)

// largestCredentials is the size of the largest file of credentials, in bytes. The
// token has to fit into a header, which is smaller.
const largestCredentials = 64 << 10

// askCredentials asks the person at the terminal for each of a provider's
// credentials that is not among the given claims. The terminal shows none of
// them: any may be a secret.
func askCredentials(ctx context.Context, c console.Console, d relay.Declaration, given map[string]any) (map[string]any, error) {
	fmt.Fprintf(c.Err, "The credentials for %s. What you type isn't shown.\n", console.Printable(d.Title))
	claims := map[string]any{}
	for _, credential := range d.Credentials {
		if given[credential.Name] != nil {
			continue
		}
		value, err := c.AskHidden(ctx, credential.Prompt, credential.Optional)
		if err != nil {
			return nil, fmt.Errorf("no %s: %w", credential.Name, err)
		}
		if value != "" {
			claims[credential.Name] = value
		}
	}
	return claims, nil
}

// readCredentials reads a JSON object with a provider's credentials from a file,
// or from standard input for "-". It warns of members that the provider doesn't
// know. Errors quote no value.
func readCredentials(ctx context.Context, c console.Console, name string, d relay.Declaration) (map[string]any, error) {
	data, err := c.ReadInput(ctx, name, largestCredentials)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	decoder.UseNumber()
	var claims map[string]any
	// The error of package json may quote a part of a secret.
	if decoder.Decode(&claims) != nil || decoder.More() || claims == nil || !utf8.Valid(data) {
		return nil, fmt.Errorf("%s is not a JSON object in UTF-8: expected %s", console.InputName(name), example(d))
	}
	var unknown []string
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		known := slices.ContainsFunc(d.Credentials, func(c relay.Credential) bool { return c.Name == claim })
		if !known && claim != relay.EntitiesLimitClaim {
			unknown = append(unknown, strconv.Quote(claim))
		}
	}
	if len(unknown) > 0 {
		fmt.Fprintf(c.Err, "Warning: %s needs no credential %s. The token contains it anyway.\n", console.Printable(d.Title), strings.Join(unknown, ", "))
	}
	return claims, nil
}

// checkCredentials trims the credentials among the claims for a token. It returns an
// error if a credential is not a string, if a required one is missing, or if a claim
// is one that relay jwt sets itself.
func checkCredentials(claims map[string]any, d relay.Declaration) error {
	for _, name := range []string{"exp", "nbf", relay.ProviderClaim, relay.StageClaim} {
		if claims[name] != nil {
			return fmt.Errorf("%q is not a credential: relay jwt sets such claims itself, exp by --expires", name)
		}
	}
	if limit, given := claims[relay.EntitiesLimitClaim]; given {
		if n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(limit))); err != nil || n < 1 {
			return fmt.Errorf("%s is not a whole number from 1", relay.EntitiesLimitClaim)
		}
	}
	for _, c := range d.Credentials {
		value, given := claims[c.Name]
		text, ok := value.(string)
		text = strings.TrimSpace(text)
		switch {
		case c.Optional && (value == nil || ok && text == ""):
			delete(claims, c.Name)
			continue
		case !given:
			return fmt.Errorf("the credential %s is missing: expected %s", c.Name, example(d))
		case !ok:
			return fmt.Errorf("the credential %s is not a string: expected %s", c.Name, example(d))
		case text == "":
			return fmt.Errorf("the credential %s is empty", c.Name)
		}
		claims[c.Name] = text
	}
	return nil
}

// example returns an example of a file with a provider's credentials.
func example(d relay.Declaration) string {
	names := d.RequiredCredentials()
	for i, name := range names {
		names[i] = fmt.Sprintf(`%q: "..."`, name)
	}
	return "{" + strings.Join(names, ", ") + "}"
}
