package page

import (
	"net/http"

	"github.com/serverless-relay/relay/cmd/relay/internal/modulecmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// module describes a provider. It contains no value of a setting or credential.
type module struct {
	Name        string                `json:"name"`
	Title       string                `json:"title"`
	Path        string                `json:"path"`
	Types       []ctim.ObservableType `json:"observable_types"`
	Credentials []credential          `json:"credentials"`
	Settings    []setting             `json:"settings"`
	// ModuleType is the output of `relay module type`.
	ModuleType platform.Type `json:"module_type"`
}

type credential struct {
	Name     string `json:"name"`
	Prompt   string `json:"prompt"`
	Optional bool   `json:"optional,omitempty"`
}

type setting struct {
	Name    string `json:"name"`
	Default string `json:"default,omitempty"`
	Doc     string `json:"doc"`
}

// modulesRoute answers with what the providers declare.
func modulesRoute(modules []Module) http.HandlerFunc {
	all := struct {
		Version         string                `json:"version"`
		ObservableTypes []ctim.ObservableType `json:"observable_types"`
		Modules         []module              `json:"modules"`
	}{relay.Version, ctim.Words[ctim.ObservableType](), []module{}}
	for _, m := range modules {
		all.Modules = append(all.Modules, describe(m))
	}
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, all) }
}

func describe(m Module) module {
	d := m.Declaration
	described := module{Name: d.Name, Title: d.Title, Path: m.Path, Types: append([]ctim.ObservableType{}, d.ObservableTypes...),
		Credentials: []credential{}, Settings: []setting{}, ModuleType: modulecmd.NewModuleType(d, platform.HeaderAuth, "", "")}
	for _, c := range d.Credentials {
		described.Credentials = append(described.Credentials, credential(c))
	}
	for _, s := range d.Settings() {
		described.Settings = append(described.Settings, setting{s.Name, s.Default, s.Doc})
	}
	return described
}
