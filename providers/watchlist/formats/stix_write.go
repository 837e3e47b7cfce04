package formats

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
	"github.com/serverless-relay/relay/shared/threat"
)

// WriteSTIX writes entries as a STIX 2.1 bundle, one object per line, and returns the
// number of entries. It stops at the first error of the entries or of w. The output is
// then not a valid bundle.
//
// Sources become identities. Threats become objects, and relationships to them. An
// extension has the properties that STIX lacks, so that Read returns the same entries,
// except those with a type of observable that CTIM doesn't have. Ids are derived from
// the content: equal entries have equal output. Only the sources and threats are kept in
// memory.
func WriteSTIX(w io.Writer, entries iter.Seq2[entry.Entry, error]) (n int, err error) {
	sum := sha256.New()
	buffer := bufio.NewWriterSize(w, maxLine)
	out := &stixWriter{w: io.MultiWriter(buffer, sum), written: map[string]bool{}}
	if err := out.text(`{"type":"bundle"`); err != nil {
		return 0, err
	}
	for e, err := range entries {
		if err != nil {
			return n, err
		}
		if err := out.entry(&e); err != nil {
			return n, err
		}
		n++
	}
	if err := out.close(sum); err != nil {
		return n, err
	}
	return n, buffer.Flush()
}

type stixWriter struct {
	w io.Writer
	// written are the ids of written objects that entries may share.
	written map[string]bool
	// begun reports that the bundle has an object.
	begun bool
}

func (s *stixWriter) text(text string) error {
	_, err := io.WriteString(s.w, text)
	return err
}

// close ends the bundle. Its id is last, since it is derived from the rest.
func (s *stixWriter) close(sum hash.Hash) error {
	if s.begun {
		if err := s.text("\n]"); err != nil {
			return err
		}
	}
	return s.text(`,"id":"` + stixID("bundle", string(sum.Sum(nil))) + "\"}\n")
}

func (s *stixWriter) object(o any) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("formats: write a STIX object: %w", err)
	}
	separator := ",\n"
	if !s.begun {
		s.begun = true
		separator = ",\"objects\":[\n"
	}
	if err := s.text(separator); err != nil {
		return err
	}
	_, err = s.w.Write(text.EscapeJSON(raw))
	return err
}

// shared writes an object unless it has been written.
func (s *stixWriter) shared(id string, o any) error {
	if s.written[id] {
		return nil
	}
	s.written[id] = true
	return s.object(o)
}

// stixNamespace is the UUID namespace of exported ids. Don't change it: all ids would
// change.
var stixNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/serverless-relay/relay/stix"))

// stixID derives the id of an object from the content that makes it unique.
func stixID(kind string, content ...string) string {
	var b strings.Builder
	for _, part := range append([]string{kind}, content...) {
		fmt.Fprintf(&b, "%d:%s", len(part), part)
	}
	return kind + "--" + uuid.NewSHA1(stixNamespace, []byte(b.String())).String()
}

// sharedCreated is the creation time of objects without a date. Like their ids, it is
// the same in every export.
var sharedCreated = stixTime(time.Unix(0, 0))

// stixTime formats a time with milliseconds, which STIX requires.
func stixTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stixHead has the properties of all objects.
type stixHead struct {
	Type         string `json:"type"`
	SpecVersion  string `json:"spec_version"`
	ID           string `json:"id"`
	CreatedByRef string `json:"created_by_ref,omitempty"`
	Created      string `json:"created"`
	Modified     string `json:"modified"`
}

func newHead(kind, id, created string) stixHead {
	return stixHead{Type: kind, SpecVersion: "2.1", ID: id, Created: created, Modified: created}
}

type stixIndicator struct {
	stixHead
	Name           string                    `json:"name"`
	Description    string                    `json:"description,omitempty"`
	IndicatorTypes []string                  `json:"indicator_types"`
	Pattern        string                    `json:"pattern"`
	PatternType    string                    `json:"pattern_type"`
	ValidFrom      time.Time                 `json:"valid_from"`
	ValidUntil     time.Time                 `json:"valid_until,omitzero"`
	Confidence     *int                      `json:"confidence,omitempty"`
	Labels         []string                  `json:"labels,omitempty"`
	MarkingRefs    []string                  `json:"object_marking_refs,omitempty"`
	References     []writtenReference        `json:"external_references,omitempty"`
	Extensions     map[string]entryExtension `json:"extensions"`
}

type writtenReference struct {
	SourceName string `json:"source_name"`
	URL        string `json:"url,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
}

type stixIdentity struct {
	stixHead
	Name          string `json:"name"`
	IdentityClass string `json:"identity_class"`
}

func (s *stixWriter) identity(name, class string) (string, error) {
	id := stixID("identity", name)
	return id, s.shared(id, stixIdentity{newHead("identity", id, sharedCreated), name, class})
}

// extension writes the definition of the relay's extension.
func (s *stixWriter) extension() error {
	if s.written[extensionID] {
		return nil
	}
	author, err := s.identity(extensionName, "system")
	if err != nil {
		return err
	}
	definition := struct {
		stixHead
		Name           string   `json:"name"`
		Description    string   `json:"description"`
		Schema         string   `json:"schema"`
		Version        string   `json:"version"`
		ExtensionTypes []string `json:"extension_types"`
	}{
		stixHead:       newHead("extension-definition", extensionID, sharedCreated),
		Name:           extensionName,
		Description:    "What an entry of a relay's watchlist has beyond a STIX indicator.",
		Schema:         "https://github.com/serverless-relay/relay",
		Version:        "1.0.0",
		ExtensionTypes: []string{"property-extension"},
	}
	definition.CreatedByRef = author
	return s.shared(extensionID, definition)
}

func (s *stixWriter) entry(e *entry.Entry) error {
	if err := s.extension(); err != nil {
		return err
	}
	members := append([]ctim.Observable{e.Observable}, e.With...)
	pattern := patternOf(members)
	id := stixID("indicator", e.Source, e.Title, pattern, string(e.Observable.Type))
	indicator := stixIndicator{
		stixHead:       newHead("indicator", id, stixTime(created(e))),
		Name:           cmp.Or(e.Observable.Value, pattern),
		Description:    e.Description,
		IndicatorTypes: []string{indicatorTypes[e.Disposition]},
		Pattern:        pattern,
		PatternType:    "stix",
		ValidFrom:      validFrom(e),
		ValidUntil:     e.ValidUntil.UTC(),
		Confidence:     percents[e.Confidence],
		Labels:         e.Tags,
		References:     references(e),
		Extensions:     map[string]entryExtension{extensionID: extend(e, members)},
	}
	if ids := wellKnownMarkings[e.TLP]; len(ids) > 0 {
		indicator.MarkingRefs = ids[:1]
	}
	var err error
	if e.Source != "" {
		if indicator.CreatedByRef, err = s.identity(e.Source, "organization"); err != nil {
			return err
		}
	}
	if err := s.object(indicator); err != nil {
		return err
	}
	for _, t := range e.Indicates {
		if err := s.indicates(indicator.stixHead, t); err != nil {
			return err
		}
	}
	return nil
}

// created returns when the entry was made, or its earliest known time.
func created(e *entry.Entry) time.Time {
	return firstSet(e.Added, e.ValidFrom, e.FirstSeen, time.Unix(0, 0))
}

// validFrom returns the start of validity, which STIX requires to be before the end.
func validFrom(e *entry.Entry) time.Time {
	from := firstSet(e.ValidFrom, e.FirstSeen, created(e))
	if !e.ValidUntil.IsZero() && !from.Before(e.ValidUntil) {
		from = e.ValidUntil.Add(-time.Millisecond)
	}
	return from.UTC()
}

// indicatorTypes are the types of indicators, by disposition.
var indicatorTypes = map[ctim.Disposition]string{
	ctim.Clean:      "benign",
	ctim.Common:     "benign",
	ctim.Malicious:  "malicious-activity",
	ctim.Suspicious: "anomalous-activity",
	ctim.Unknown:    "unknown",
}

// percents are the middle of the range of percentages that STIX's scale has for a word.
var percents = map[ctim.Confidence]*int{
	ctim.ConfidenceHigh:   new(85),
	ctim.ConfidenceMedium: new(50),
	ctim.ConfidenceLow:    new(15),
	ctim.ConfidenceNone:   new(0),
}

func references(e *entry.Entry) []writtenReference {
	var list []writtenReference
	name := cmp.Or(e.Source, extensionName)
	if e.SourceURL != "" {
		list = append(list, writtenReference{SourceName: name, URL: e.SourceURL})
	}
	for _, id := range e.ExternalIDs {
		if id != "" {
			list = append(list, writtenReference{SourceName: name, ExternalID: id})
		}
	}
	return list
}

// threatTypes are the types of objects for threats.
var threatTypes = map[threat.Kind]string{
	threat.Malware:       "malware",
	threat.Tool:          "tool",
	threat.Actor:         "threat-actor",
	threat.Campaign:      "campaign",
	threat.AttackPattern: "attack-pattern",
	threat.Vulnerability: "vulnerability",
}

type stixThreat struct {
	stixHead
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	IsFamily    *bool              `json:"is_family,omitempty"` // malware must have it
	References  []writtenReference `json:"external_references,omitempty"`
}

type stixRelationship struct {
	stixHead
	RelationshipType string `json:"relationship_type"`
	SourceRef        string `json:"source_ref"`
	TargetRef        string `json:"target_ref"`
}

func (s *stixWriter) indicates(indicator stixHead, t threat.Threat) error {
	kind, ok := threatTypes[t.Kind]
	if !ok {
		return nil
	}
	id := stixID(kind, t.Name, t.ID, t.Description, t.URL)
	written := stixThreat{
		stixHead:    newHead(kind, id, sharedCreated),
		Name:        cmp.Or(t.Name, t.ID),
		Description: t.Description,
	}
	if t.Kind == threat.Malware {
		written.IsFamily = new(true)
	}
	if t.ID != "" || t.URL != "" {
		written.References = []writtenReference{{SourceName: idSource(t.ID), URL: t.URL, ExternalID: t.ID}}
	}
	if err := s.shared(id, written); err != nil {
		return err
	}
	relationship := stixID("relationship", indicator.ID, id)
	return s.object(stixRelationship{newHead("relationship", relationship, indicator.Created), "indicates", indicator.ID, id})
}

// idSource returns the source of an id, which assigns it.
func idSource(id string) string {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return "cve"
	case threat.IsAttackID(id):
		return "mitre-attack"
	default:
		return extensionName
	}
}
