package formats

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/threat"
)

func (f *file) yieldBundle(b *bundle) error {
	if len(b.indicators) == 0 && b.observables > 0 {
		return f.skip(1, "", "no indicators: observables alone aren't malicious")
	}
	for _, indicator := range b.indicators {
		if err := f.yieldIndicator(b, indicator.line, decodeObject(indicator.raw)); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) yieldIndicator(b *bundle, line int, o *stixObject) error {
	extension := o.extension()
	base := f.indicatorEntry(b, o, extension)
	record := Record{Line: line, Entry: base}
	if extension == nil {
		record.ID, record.Changed = string(o.ID), o.ID != "" && o.Modified.After(o.Created.Time.Time)
	}
	skip := func(value, reason string) error {
		record := record
		record.Value, record.Skipped = value, reason
		return f.add(&record)
	}
	named := string(cmp.Or(o.Pattern, o.Name, o.ID))
	switch {
	case bool(o.Revoked):
		record.Withdrawn = valuesOf(string(o.Pattern))
		record.Changed = record.ID != "" && len(record.Withdrawn) == 0
		return skip(named, "revoked by its source")
	case o.PatternType != "" && o.PatternType != "stix":
		return skip(named, "a pattern of type "+shown(string(o.PatternType))+", not stix")
	case o.Pattern == "":
		return skip(named, "the indicator has no pattern")
	}
	alternatives, err := parsePattern(string(o.Pattern))
	if err != nil {
		return skip(named, reasonOf(err))
	}
	described := o.describe()
	for _, alternative := range alternatives {
		matched, err := matchOf(alternative)
		if err != nil {
			if err := skip(alternative.Text, err.Error()); err != nil {
				return err
			}
			continue
		}
		if extension == nil {
			base.Description = described
			if repeats(alternative, string(o.Name)) {
				base.Description = string(o.Description)
			}
			base.Description = joinNotes(append([]string{base.Description}, matched.notes...)...)
		}
		for _, group := range matched.groups {
			if extension != nil {
				extension.regroup(group)
			}
			for i, member := range group {
				if i > 0 && extension != nil {
					break // the others have their own indicators
				}
				record := record
				record.Entry, record.Value = base, member.Value
				record.Entry.Observable = member
				if len(group) > 1 {
					record.Entry.With = slices.Concat(group[:i], group[i+1:])
				}
				if err := f.add(&record); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// parsePattern parses a pattern. The square brackets may be missing.
func parsePattern(pattern string) ([]stixpattern.Alternative, error) {
	alternatives, err := stixpattern.Parse(pattern)
	if err != nil && !strings.HasPrefix(pattern, "[") && !strings.HasPrefix(pattern, "(") {
		bracketed := "[" + strings.TrimSuffix(strings.TrimSpace(pattern), "]") + "]"
		if alternatives, err := stixpattern.Parse(bracketed); err == nil {
			return alternatives, nil
		}
	}
	return alternatives, err
}

// reasonOf describes an error of stixpattern without the text that caused it, so that
// skipped indicators can be counted by reason.
func reasonOf(err error) string {
	var syntax *stixpattern.SyntaxError
	if !errors.As(err, &syntax) {
		return err.Error()
	}
	reason, _, _ := strings.Cut(syntax.Reason, ", not ")
	return "not a STIX pattern: " + reason
}

// valuesOf returns the observables that a pattern names. An invalid pattern has none.
func valuesOf(pattern string) []ctim.Observable {
	var values []ctim.Observable
	alternatives, _ := parsePattern(pattern)
	for _, alternative := range alternatives {
		matched, _ := matchOf(alternative)
		values = append(values, slices.Concat(matched.groups...)...)
	}
	return values
}

// indicatorEntry returns an entry with the properties that all entries of an indicator
// share.
func (f *file) indicatorEntry(b *bundle, o *stixObject, x *extension) entry.Entry {
	e := f.options.blank()
	e.Source = b.names[string(o.CreatedByRef)]
	for _, ref := range o.MarkingRefs {
		e.TLP = e.TLP.Stricter(b.colours[ref])
	}
	for _, target := range b.indicates[string(o.ID)] {
		t := b.threats[target]
		if x == nil {
			t.Description = threat.Brief(t.Description)
		}
		e.Indicates = threat.Append(e.Indicates, t)
	}
	e.ValidUntil = o.ValidUntil.Time
	if x != nil {
		e.Tags = o.Labels
		e.Description = string(o.Description)
		x.restore(&e)
		e.Priority = cmp.Or(f.options.Priority, e.Priority)
		return e
	}
	e.Pattern = true
	e.ValidFrom = o.ValidFrom.Time
	e.FirstSeen = cmp.Or(b.sightings[string(o.ID)], o.ValidFrom.Time)
	e.Disposition, e.Tags = o.judge()
	if percent, err := strconv.Atoi(strings.Trim(string(o.Confidence), `"`)); err == nil && percent >= 0 && percent <= 100 {
		e.Confidence = confidenceOf(percent)
	}
	e.SourceURL = webPage(o.References)
	if report := b.reports[string(o.ID)]; report != nil {
		e.Title = string(cmp.Or(report.Title, report.Name))
		e.SourceURL = cmp.Or(e.SourceURL, webPage(report.References))
	}
	if o.ID != "" {
		e.ExternalIDs = []string{string(o.ID)}
	}
	for _, ref := range o.References {
		id := string(ref.ExternalID)
		switch {
		case id == "":
		case !ref.namesThreat():
			e.ExternalIDs = union(e.ExternalIDs, []string{id})
		case ref.SourceName == "cve":
			e.Indicates = threat.Append(e.Indicates, threat.Named(threat.Vulnerability, id))
		case strings.HasPrefix(id, "T"):
			e.Indicates = threat.Append(e.Indicates, threat.Named(threat.AttackPattern, id))
		}
	}
	return e
}

const (
	// extensionID identifies the extension of exported indicators. Don't change it.
	extensionID = "extension-definition--3f0c7f0e-52a4-5d0b-9d6e-6a1f5f0b7c21"
	// extensionName is the name of the relay in a bundle.
	extensionName = "serverless-relay"
	extensionType = "property-extension"
	// extensionObject is the type of object in patterns for observables that STIX
	// doesn't have. Its properties are CTIM's types.
	extensionObject = "x-ctim-observable"
)

// extension has the properties of an entry that STIX doesn't have, so that an exported
// indicator can be read back as the same entry: the one about the pattern's first
// observable.
type extension struct {
	ExtensionType string `json:"extension_type"`
	entry.Entry
	// Source is left out, and so is Observable unless regroup needs it: an export would be
	// 7% larger.
	Source     string          `json:"source,omitempty"`
	Observable ctim.Observable `json:"observable,omitzero"`
}

// extend returns the extension of an entry's indicator.
func extend(e entry.Entry) extension {
	x := extension{ExtensionType: extensionType, Entry: e}
	if e.Observable.Type == ctim.TypeHostname || len(e.With) > 0 {
		x.Observable = e.Observable
	}
	x.TLP, x.Description, x.Tags, x.Indicates, x.ValidUntil = "", "", nil, nil, time.Time{} // in the indicator
	return x
}

// extension returns the relay's extension of an indicator, or nil.
func (o *stixObject) extension() *extension {
	x := &extension{}
	if raw, ok := o.Extensions[extensionID]; !ok || json.Unmarshal(raw, x) != nil {
		return nil
	}
	return x
}

// restore sets an entry's properties to the extension's, except invalid ones: anybody
// may have written it.
func (x *extension) restore(e *entry.Entry) {
	e.Disposition, _ = ParseDisposition(strconv.Itoa(int(x.Disposition)))
	e.Severity, _ = ParseSeverity(string(x.Severity))
	e.Confidence, _ = ParseConfidence(string(x.Confidence))
	e.Priority = min(max(x.Priority, 0), 100)
	e.Subdomains, e.Pattern, e.Title, e.ExternalIDs = x.Subdomains, x.Pattern, x.Title, x.ExternalIDs
	e.SourceURL = ctim.WebURL(x.SourceURL)
	e.FirstSeen, _ = lenient.Writable(x.FirstSeen)
	e.ValidFrom, _ = lenient.Writable(x.ValidFrom)
	e.Added, _ = lenient.Writable(x.Added)
}

// regroup restores the order of a group, and the types of host names. A pattern doesn't
// distinguish these from domains, and a file's name comes last.
func (x *extension) regroup(group []ctim.Observable) {
	original := append([]ctim.Observable{x.Observable}, x.With...)
	at := func(o ctim.Observable) int {
		return slices.IndexFunc(original, func(other ctim.Observable) bool { return entry.KeyOf(other) == entry.KeyOf(o) })
	}
	slices.SortStableFunc(group, func(a, b ctim.Observable) int { return at(a) - at(b) })
	for i, o := range group {
		if at := at(o); at >= 0 {
			group[i].Type = original[at].Type
		}
	}
}

// judge returns the disposition by the indicator types, which STIX 2.0 has among the
// labels. The other labels are tags.
func (o *stixObject) judge() (disposition ctim.Disposition, tags []string) {
	words := strings.ToLower(strings.Join(o.IndicatorTypes, " "))
	for _, label := range o.Labels {
		switch word := strings.ToLower(label); word {
		case "malicious-activity", "benign", "anomalous-activity", "anonymization", "compromised", "attribution":
			words += " " + word
		default:
			tags = append(tags, label)
		}
	}
	disposition = ctim.Malicious
	for word := range strings.FieldsSeq(words) {
		switch word {
		case "malicious-activity", "compromised":
			return ctim.Malicious, tags
		case "benign":
			disposition = ctim.Clean
		case "anomalous-activity", "anonymization", "unknown":
			if disposition != ctim.Clean {
				disposition = ctim.Suspicious
			}
		}
	}
	return disposition, tags
}

// describe returns the indicator's name and description.
func (o *stixObject) describe() string {
	name, description := string(o.Name), string(o.Description)
	switch {
	case strings.Contains(description, name):
		return description
	case description == "":
		return name
	default:
		return name + "\n\n" + description
	}
}

// repeats reports whether a name only repeats a value of the alternative.
func repeats(a stixpattern.Alternative, name string) bool {
	return slices.ContainsFunc(a.Comparisons, func(c stixpattern.Comparison) bool {
		return len(c.Values) == 1 && strings.TrimSpace(c.Values[0].Text) == name
	})
}
