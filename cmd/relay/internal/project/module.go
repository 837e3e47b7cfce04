package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/flatjson"
	"github.com/serverless-relay/relay/shared/relay"
)

// Module is what module_settings.json says.
type Module struct {
	// Name is what people read, such as "AbuseIPDB".
	Name string
	// Provider is the provider that the deployed relay asks.
	Provider string
	// Credentials are the claims of a token and how to ask for them, in the
	// file's order.
	Credentials []relay.Credential
	// Types are the ids of the module type by XDR region, such as "us".
	Types map[string]string
}

// ReadModule reads module_settings.json in the project's folder.
func ReadModule(root string) (Module, error) {
	data, err := os.ReadFile(filepath.Join(root, moduleFile))
	if err != nil {
		return Module{}, err
	}
	m, err := parseModule(data)
	if err != nil {
		return Module{}, fmt.Errorf("%s: %w", filepath.Join(root, moduleFile), err)
	}
	return m, nil
}

func parseModule(data []byte) (Module, error) {
	var file struct {
		Name, Provider string
		JWT            json.RawMessage
		Region         map[string]string
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &file); err != nil {
		return Module{}, err
	}
	m := Module{Name: strings.TrimSpace(file.Name), Provider: file.Provider, Types: map[string]string{}}
	if m.Name == "" {
		return Module{}, errors.New("it has no name")
	}
	for region, id := range file.Region {
		if id != "" { // a module type need not be in every region
			m.Types[region] = id
		}
	}
	if file.JWT == nil {
		return Module{}, errors.New(`it has no jwt: {"NAME": "PROMPT"} for each credential, or {}`)
	}
	prompts, err := flatjson.Decode(file.JWT)
	if err != nil {
		return Module{}, fmt.Errorf("jwt: %w", err)
	}
	for _, p := range prompts {
		if slices.Contains([]string{"", "exp", "nbf", relay.EntitiesLimitClaim}, p.Name) {
			return Module{}, fmt.Errorf("jwt: a credential can't have the name %q, which means something else in a token", p.Name)
		}
		m.Credentials = append(m.Credentials, relay.Credential{Name: p.Name, Prompt: p.Value})
	}
	return m, nil
}
