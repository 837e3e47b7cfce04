package project

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// Module is the content of module_settings.json.
type Module struct {
	// Name is the name of the first provider's module for people, such as
	// "AbuseIPDB". It is empty if With chose another first provider.
	Name string
	// Providers are the names of the providers that are deployed. The first
	// answers at the relay's URL, the others below it.
	Providers []string
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

// Current returns module_settings.json of the project in the current folder. Outside
// of a project it is empty.
func Current() (Module, error) {
	root, err := Find(".")
	if errors.Is(err, ErrNone) {
		return Module{}, nil
	}
	if err != nil {
		return Module{}, err
	}
	return ReadModule(root)
}

func parseModule(data []byte) (Module, error) {
	var file struct {
		Name, Provider string
		Region         map[string]string
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &file); err != nil {
		return Module{}, err
	}
	m := Module{Name: strings.TrimSpace(file.Name), Types: map[string]string{}}
	m = m.With(file.Provider)
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

// With returns the module with the providers in a list such as RELAY_PROVIDER, unless
// that is blank.
func (m Module) With(list string) Module {
	if strings.TrimSpace(list) == "" {
		return m
	}
	first := m.First()
	m.Providers = nil
	for name := range strings.SplitSeq(list, ",") {
		m.Providers = append(m.Providers, strings.TrimSpace(name))
	}
	if first != "" && m.First() != first {
		m.Name = "" // it is another provider's
	}
	return m
}

// First returns the name of the first provider. It is empty outside of a project.
func (m Module) First() string {
	if len(m.Providers) == 0 {
		return ""
	}
	return m.Providers[0]
}

// NameFor returns the default name of a provider's module: the title, except for the
// first provider.
func (m Module) NameFor(d relay.Declaration) string {
	if d.Name == m.First() {
		return cmp.Or(m.Name, d.Title)
	}
	return d.Title
}

// URLFor returns the URL of a provider's module in the relay at a URL. The providers
// after the first answer below the relay's URL. A URL that ends in the provider's
// name stays.
func (m Module) URLFor(d relay.Declaration, url string) string {
	if url == "" || slices.Index(m.Providers, d.Name) < 1 || strings.HasSuffix(url, "/"+d.Name) {
		return url
	}
	return url + "/" + d.Name
}

// Use writes the names of the providers, and the title and the prompts for
// credentials of the first, into module_settings.json. The regions stay.
func Use(root string, ds []relay.Declaration) error {
	path := filepath.Join(root, moduleFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file struct {
		Name     string            `json:"name"`
		Provider string            `json:"provider"`
		JWT      map[string]string `json:"jwt"`
		Region   json.RawMessage   `json:"region,omitempty"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // they would be lost
	if err := decoder.Decode(&file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var names []string
	for _, d := range ds {
		names = append(names, d.Name)
	}
	file.Name, file.Provider, file.JWT = ds[0].Title, strings.Join(names, ","), map[string]string{}
	for _, c := range ds[0].Credentials {
		file.JWT[c.Name] = c.Prompt
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
