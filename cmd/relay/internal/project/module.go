package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// Module is the content of module_settings.json.
type Module struct {
	// Name is the module's name for people, such as "AbuseIPDB".
	Name string
	// Provider is the name of the provider that is deployed.
	Provider string
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
		if id != "" { // a type may be missing in a region
			m.Types[region] = id
		}
	}
	return m, nil
}

// Use writes the provider's title, name and prompts for credentials into
// module_settings.json. The regions stay.
func Use(root string, d relay.Declaration) error {
	path := filepath.Join(root, moduleFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := use(data, d)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, text, 0o644)
}

func use(data []byte, d relay.Declaration) ([]byte, error) {
	var file struct {
		Name     string            `json:"name"`
		Provider string            `json:"provider"`
		JWT      map[string]string `json:"jwt"`
		Region   json.RawMessage   `json:"region,omitempty"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // they would be lost
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	file.Name, file.Provider, file.JWT = d.Title, d.Name, map[string]string{}
	for _, c := range d.Credentials {
		file.JWT[c.Name] = c.Prompt
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}
