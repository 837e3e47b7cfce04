package ctim

// SchemaVersion is the version of CTIM that the entities are written in.
const SchemaVersion = "1.3.28"

// schemaVersion is a field that always reads SchemaVersion.
type schemaVersion struct{}

// MarshalText implements encoding.TextMarshaler.
func (schemaVersion) MarshalText() ([]byte, error) { return []byte(SchemaVersion), nil }

// Base is what every entity but the verdict has. ID is required.
type Base struct {
	ID            ID            `json:"id"`
	SchemaVersion schemaVersion `json:"schema_version"`
	// ExternalIDs name the entity in the systems that it comes from.
	ExternalIDs        []string            `json:"external_ids,omitempty"`
	ExternalReferences []ExternalReference `json:"external_references,omitempty"`
	// Source names who says so, SourceURI is where it can be read.
	Source    MedString `json:"source,omitempty"`
	SourceURI string    `json:"source_uri,omitempty"`
	TLP       TLP       `json:"tlp,omitempty"`
	Language  string    `json:"language,omitempty"`
	Revision  int       `json:"revision,omitempty"`
	Timestamp Time      `json:"timestamp,omitzero"`
}

// EntityID is the entity's id.
func (b Base) EntityID() ID { return b.ID }

// Text is how an entity presents itself to people.
type Text struct {
	Title            ShortString `json:"title,omitempty"`
	ShortDescription MedString   `json:"short_description,omitempty"`
	Description      LongString  `json:"description,omitempty"`
}

// RequiredText is Text where the model wants all three, if only empty.
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
