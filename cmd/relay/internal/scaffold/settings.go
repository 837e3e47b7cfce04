package scaffold

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
)

// moduleSettings is the file that names the provider that is deployed, and asks
// for its credentials.
const moduleSettings = "module_settings.json"

// relaySettings is the file that has the settings of the relay itself, with the
// provider that is asked where nothing says another.
const relaySettings = "shared/config/config.go"

// Use makes a provider the one that is deployed: module_settings.json names it
// and asks for its credentials, and it is asked where RELAY_PROVIDER is not set.
func (t *Tree) Use(d relay.Declaration) error {
	if err := t.edit(moduleSettings, func(text []byte) ([]byte, error) { return t.name(text, d) }); err != nil {
		return err
	}
	return t.edit(relaySettings, func(text []byte) ([]byte, error) {
		fallback := regexp.MustCompile(`(envconfig:"RELAY_PROVIDER" default:")[a-z0-9]*(")`)
		if !fallback.Match(text) {
			return nil, errors.New("it has no default for RELAY_PROVIDER any more")
		}
		return fallback.ReplaceAll(text, []byte("${1}"+d.Name+"${2}")), nil
	})
}

// field is a member of a JSON object.
type field struct {
	name  string
	value json.RawMessage
}

// name puts a provider into module_settings.json. What else that says stays, in
// its order.
func (t *Tree) name(text []byte, d relay.Declaration) ([]byte, error) {
	fields, err := object(text)
	if err != nil {
		return nil, err
	}
	prompts := make([]field, len(d.Credentials))
	for i, c := range d.Credentials {
		prompts[i] = field{c.Name, quoted(c.Prompt)}
	}
	for _, set := range []field{{"name", quoted(d.Title)}, {"provider", quoted(d.Name)}, {"jwt", joined(prompts)}} {
		fields = t.set(fields, set)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, joined(fields), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// set puts a field in the place of the one of its name, and notes the change.
func (t *Tree) set(fields []field, f field) []field {
	for i, before := range fields {
		if before.name == f.name {
			if old := compact(before.value); old != string(f.value) {
				t.note("%s: %s was %s, and is %s now", moduleSettings, f.name, old, f.value)
				fields[i] = f
			}
			return fields
		}
	}
	t.note("%s: %s is %s now", moduleSettings, f.name, f.value)
	return append(fields, f)
}

// object reads the fields of a JSON object in their order.
func object(text []byte) ([]field, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	start, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	var fields []field
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		fields = append(fields, field{name.(string), value}) // of an object, it is one
	}
	_, err = decoder.Token()
	return fields, err
}

// joined writes fields as a JSON object.
func joined(fields []field) json.RawMessage {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = string(quoted(f.name)) + ":" + string(f.value)
	}
	return json.RawMessage("{" + strings.Join(parts, ",") + "}")
}

// quoted writes a text as people write it in JSON: < and & stay as they are.
func quoted(text string) json.RawMessage {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // text can always be written
	return bytes.TrimSpace(out.Bytes())
}

func compact(value json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, value) != nil {
		return string(value)
	}
	return out.String()
}
