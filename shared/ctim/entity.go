package ctim

import (
	"reflect"
	"unicode"
	"unicode/utf8"
)

// SchemaVersion is the version of CTIM to which the entities conform.
const SchemaVersion = "1.3.28"

// schemaVersion is a field that is encoded as SchemaVersion.
type schemaVersion struct{}

// MarshalText implements encoding.TextMarshaler.
func (schemaVersion) MarshalText() ([]byte, error) { return []byte(SchemaVersion), nil }

// typeOf is a field that is encoded as the name of the type E in CTIM: that of
// AttackPattern is attack-pattern.
type typeOf[E any] struct{}

// MarshalText implements encoding.TextMarshaler.
func (typeOf[E]) MarshalText() ([]byte, error) {
	name := make([]byte, 0, len("identity-assertion"))
	for i, c := range reflect.TypeFor[E]().Name() {
		if unicode.IsUpper(c) && i > 0 {
			name = append(name, '-')
		}
		name = utf8.AppendRune(name, unicode.ToLower(c))
	}
	return name, nil
}

// Base contains the fields of every entity except the verdict. ID is required.
type Base struct {
	ID            ID            `json:"id"`
	SchemaVersion schemaVersion `json:"schema_version"`
	// ExternalIDs identify the entity in the systems that it comes from.
	ExternalIDs        []string            `json:"external_ids,omitempty"`
	ExternalReferences []ExternalReference `json:"external_references,omitempty"`
	// Source is the name of the source, SourceURI the page about the entity there.
	Source    MedString `json:"source,omitempty"`
	SourceURI string    `json:"source_uri,omitempty"`
	TLP       TLP       `json:"tlp,omitempty"`
	Language  string    `json:"language,omitempty"`
	Revision  int       `json:"revision,omitempty"`
	Timestamp Time      `json:"timestamp,omitzero"`
}

// EntityID returns the entity's id.
func (b Base) EntityID() ID { return b.ID }

// Text describes an entity to people.
type Text struct {
	Title            ShortString `json:"title,omitempty"`
	ShortDescription MedString   `json:"short_description,omitempty"`
	Description      LongString  `json:"description,omitempty"`
}

// RequiredText is Text for entities that require all three, even if they are empty.
type RequiredText struct {
	Title            ShortString `json:"title"`
	ShortDescription MedString   `json:"short_description"`
	Description      LongString  `json:"description"`
}

// ExternalReference points to a description elsewhere, such as a page of
// MITRE ATT&CK. SourceName is required.
type ExternalReference struct {
	SourceName  MedString  `json:"source_name"`
	ExternalID  string     `json:"external_id,omitempty"`
	URL         string     `json:"url,omitempty"`
	Description LongString `json:"description,omitempty"`
}
