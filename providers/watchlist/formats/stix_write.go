package formats

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
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
	out.text(`{"type":"bundle"`)
	for e, err := range entries {
		if err == nil {
			out.entry(&e)
			err = out.err
		}
		if err != nil {
			return n, err
		}
		n++
	}
	if len(out.written) > 0 {
		out.text("\n]")
	}
	// The id is last, since it is derived from the rest.
	out.text(`,"id":"` + stixID("bundle", string(sum.Sum(nil))) + "\"}\n")
	return n, cmp.Or(out.err, buffer.Flush())
}

type stixWriter struct {
	w io.Writer
	// written are the ids of the objects that entries may share.
	written map[string]bool
	// err is the first error. Nothing is written after it.
	err error
}

func (s *stixWriter) text(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

func (s *stixWriter) object(o *stixObject) {
	raw, err := json.Marshal(o)
	if err != nil {
		s.err = cmp.Or(s.err, fmt.Errorf("formats: write a STIX object: %w", err))
		return
	}
	separator := ",\n"
	if len(s.written) == 0 {
		separator = ",\"objects\":[\n"
	}
	s.text(separator + string(text.EscapeJSON(raw)))
}

// shared writes an object unless it has been written, and returns its id.
func (s *stixWriter) shared(o *stixObject) string {
	id := string(o.ID)
	if !s.written[id] {
		s.object(o)
		s.written[id] = true
	}
	return id
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

// epoch is the creation time of objects without a date. Like their ids, it is the same
// in every export.
var epoch = time.Unix(0, 0)

// newObject returns an object of a type, which is the first part of its id.
func newObject(id string, created time.Time) *stixObject {
	kind, _, _ := strings.Cut(id, "--")
	at := stixTime{lenient.Time{Time: created.UTC()}}
	return &stixObject{Type: lenient.Text(kind), SpecVersion: "2.1", ID: lenient.Text(id), Created: at, Modified: at}
}

func (s *stixWriter) identity(name string, class lenient.Text) lenient.Text {
	o := newObject(stixID("identity", name), epoch)
	o.Name, o.IdentityClass = lenient.Text(name), class
	return lenient.Text(s.shared(o))
}

// extension writes the definition of the relay's extension.
func (s *stixWriter) extension() {
	if s.written[extensionID] {
		return
	}
	o := newObject(extensionID, epoch)
	o.CreatedByRef = s.identity(extensionName, "system")
	o.Name = extensionName
	o.Description = "What an entry of a relay's watchlist has beyond a STIX indicator."
	o.Schema = "https://github.com/serverless-relay/relay"
	o.Version = "1.0.0"
	o.ExtensionTypes = lenient.Texts{extensionType}
	s.shared(o)
}

func (s *stixWriter) entry(e *entry.Entry) {
	s.extension()
	pattern := patternOf(e)
	created := cmp.Or(e.Added, e.ValidFrom, e.FirstSeen, epoch)
	o := newObject(stixID("indicator", e.Source, e.Title, pattern, string(e.Observable.Type)), created)
	o.Name = lenient.Text(cmp.Or(e.Observable.Value, pattern))
	o.Description = lenient.Text(e.Description)
	o.IndicatorTypes = []string{indicatorTypes[e.Disposition]}
	o.Pattern, o.PatternType = lenient.Text(pattern), "stix"
	o.ValidFrom.Time = cmp.Or(e.ValidFrom, e.FirstSeen, created).UTC()
	if o.ValidUntil.Time = e.ValidUntil.UTC(); !e.ValidUntil.IsZero() && !o.ValidFrom.Before(e.ValidUntil) {
		o.ValidFrom.Time = o.ValidUntil.Add(-time.Millisecond) // STIX requires it to be before the end
	}
	o.Confidence = percents[e.Confidence]
	o.Labels = e.Tags
	if ids := wellKnownMarkings[e.TLP]; len(ids) > 0 {
		o.MarkingRefs = lenient.Texts{markingPrefix + ids[0]}
	}
	source := lenient.Text(cmp.Or(e.Source, extensionName))
	if e.SourceURL != "" {
		o.References = append(o.References, stixReference{SourceName: source, URL: lenient.Text(e.SourceURL)})
	}
	for _, id := range e.ExternalIDs {
		if id != "" {
			o.References = append(o.References, stixReference{SourceName: source, ExternalID: lenient.Text(id)})
		}
	}
	if e.Source != "" {
		o.CreatedByRef = s.identity(e.Source, "organization")
	}
	extension, err := json.Marshal(extend(*e))
	s.err = cmp.Or(s.err, err)
	o.Extensions = map[string]json.RawMessage{extensionID: extension}
	s.object(o)
	for _, t := range e.Indicates {
		s.indicates(string(o.ID), created, t)
	}
}

// indicatorTypes are the types of indicators, by disposition.
var indicatorTypes = map[ctim.Disposition]string{
	ctim.Clean:      "benign",
	ctim.Common:     "benign",
	ctim.Malicious:  "malicious-activity",
	ctim.Suspicious: "anomalous-activity",
	ctim.Unknown:    "unknown",
}

// percents are the middles of the ranges in STIX's scale of confidence.
var percents = map[ctim.Confidence]json.RawMessage{
	ctim.ConfidenceHigh:   json.RawMessage("85"),
	ctim.ConfidenceMedium: json.RawMessage("50"),
	ctim.ConfidenceLow:    json.RawMessage("15"),
	ctim.ConfidenceNone:   json.RawMessage("0"),
}

func (s *stixWriter) indicates(indicator string, created time.Time, t threat.Threat) {
	at := slices.IndexFunc(stixThreats, func(s stixThreat) bool { return s.kind == t.Kind })
	if at < 0 {
		return
	}
	kind := stixThreats[at].name
	o := newObject(stixID(string(kind), t.Name, t.ID, t.Description, t.URL), epoch)
	o.Name = lenient.Text(cmp.Or(t.Name, t.ID))
	o.Description = lenient.Text(t.Description)
	o.IsFamily = t.Kind == threat.Malware // required of malware
	if t.ID != "" || t.URL != "" {
		o.References = []stixReference{{SourceName: idSource(t.ID), URL: lenient.Text(t.URL), ExternalID: lenient.Text(t.ID)}}
	}
	target := s.shared(o)
	r := newObject(stixID("relationship", indicator, target), created)
	r.Relationship, r.SourceRef, r.TargetRef = "indicates", lenient.Text(indicator), lenient.Text(target)
	s.object(r)
}

// idSource returns the name of the catalogue that assigns an id.
func idSource(id string) lenient.Text {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return "cve"
	case threat.IsAttackID(id):
		return "mitre-attack"
	default:
		return extensionName
	}
}

// patternOf returns the pattern that matches all observables of an entry together.
func patternOf(e *entry.Entry) string {
	var parts []string
	for _, o := range append([]ctim.Observable{e.Observable}, e.With...) {
		path, ok := typePaths[o.Type]
		if !ok {
			path = extensionObject + ":" + stixpattern.Quote(string(o.Type))
		}
		operator := " = "
		if (o.Type == ctim.TypeIP || o.Type == ctim.TypeIPv6) && strings.Contains(o.Value, "/") {
			operator = " ISSUBSET "
		}
		parts = append(parts, "["+path+operator+stixpattern.Quote(o.Value)+"]")
	}
	return strings.Join(parts, " AND ")
}
