package page

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/serverless-relay/relay/cmd/relay/internal/modulecmd"
	"github.com/serverless-relay/relay/cmd/relay/internal/platform"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// module describes a provider. It contains no value of a setting or credential.
type module struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Path precedes the provider's routes, such as "/misp". The first provider has
	// none.
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

// modulesRoute responds with the declarations of the providers.
func modulesRoute(modules server.Modules) http.HandlerFunc {
	all := struct {
		Version         string                `json:"version"`
		ObservableTypes []ctim.ObservableType `json:"observable_types"`
		Modules         []module              `json:"modules"`
	}{relay.Version, ctim.Words[ctim.ObservableType](), []module{}}
	for i, m := range modules {
		described := describe(m.Declaration)
		if i > 0 {
			described.Path = "/" + described.Name
		}
		all.Modules = append(all.Modules, described)
	}
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, all) }
}

func describe(d relay.Declaration) module {
	described := module{Name: d.Name, Title: d.Title, Types: append([]ctim.ObservableType{}, d.ObservableTypes...),
		Credentials: []credential{}, Settings: []setting{}, ModuleType: modulecmd.NewModuleType(d, platform.HeaderAuth, "", "")}
	for _, c := range d.Credentials {
		described.Credentials = append(described.Credentials, credential(c))
	}
	for _, s := range d.Settings() {
		described.Settings = append(described.Settings, setting{s.Name, s.Default, s.Doc})
	}
	return described
}

// maxText is the size of the largest text that is searched, in bytes.
const maxText = 4 << 20

// serveExtract responds to {"text": S} with the observables in the text.
func serveExtract(w http.ResponseWriter, r *http.Request) {
	var body struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxText)).Decode(&body); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			refuse(w, http.StatusRequestEntityTooLarge, relay.CodeInvalidArgument, "The text is larger than 4 MB: paste a part of it.")
			return
		}
		refuse(w, http.StatusBadRequest, relay.CodeInvalidArgument, `The body is not {"text": "..."}.`)
		return
	}
	answer(w, struct {
		Observables []ctim.Observable `json:"observables"`
	}{append([]ctim.Observable{}, extract.Observables(body.Text)...)})
}
