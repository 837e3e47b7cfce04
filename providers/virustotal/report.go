package virustotal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/threat"
)

const (
	// maliciousFrom is how many engines make an observable malicious, and sureFrom how
	// many leave little doubt. Single engines are often wrong.
	maliciousFrom, sureFrom = 3, 10
	// maxNames is how many names of a file are shown. Common files have thousands.
	maxNames = 10
)

// report is VirusTotal's report about an observable. Files alone have hashes, names,
// threats and sandboxes, and keys of Google Threat Intelligence alone get assessments.
type report struct {
	Stats struct {
		Malicious  lenient.Int `json:"malicious"`
		Suspicious lenient.Int `json:"suspicious"`
		Undetected lenient.Int `json:"undetected"`
		Harmless   lenient.Int `json:"harmless"`
	} `json:"last_analysis_stats"`
	Analyzed lenient.Time  `json:"last_analysis_date"`
	Tags     lenient.Texts `json:"tags"`
	MD5      lenient.Text  `json:"md5"`
	SHA1     lenient.Text  `json:"sha1"`
	SHA256   lenient.Text  `json:"sha256"`
	Names    lenient.Texts `json:"names"`
	Threat   struct {
		Label    lenient.Text `json:"suggested_threat_label"`
		Families lenient.List[struct {
			Value lenient.Text `json:"value"`
		}] `json:"popular_threat_name"`
	} `json:"popular_threat_classification"`
	Sandboxes map[string]struct {
		Malware lenient.Texts `json:"malware_names"`
	} `json:"sandbox_verdicts"`
	Assessment struct {
		Verdict     value        `json:"verdict"` // such as VERDICT_MALICIOUS
		Severity    value        `json:"severity"`
		Score       value        `json:"threat_score"` // from 0 to 100
		Description lenient.Text `json:"description"`
	} `json:"gti_assessment"`
}

type value struct {
	Value lenient.Text `json:"value"`
}

// finding returns the report as a finding.
func (r report) finding(o ctim.Observable) ctim.Finding {
	f := r.judge()
	if r.Analyzed.IsZero() && f.Disposition == 0 {
		return ctim.Finding{} // never analyzed
	}
	s, names := r.Stats, r.Names[:min(len(r.Names), maxNames)]
	about := slices.DeleteFunc([]string{
		"Assessment: " + string(r.Assessment.Description), "Threat: " + string(r.Threat.Label),
		"Names: " + strings.Join(names, ", "), "Tags: " + strings.Join(r.Tags, ", "),
	}, func(line string) bool { return strings.HasSuffix(line, ": ") })
	f.Seen = []ctim.Seen{{
		At: r.Analyzed.Time, Title: fmt.Sprintf("Analyzed by VirusTotal: malicious to %d of %d engines", s.Malicious, r.engines()), Text: strings.Join(about, "\n"),
		Data: ctim.Table{
			Columns: []string{"malicious", "suspicious", "undetected", "harmless"},
			Rows:    [][]string{strings.Fields(fmt.Sprint(s.Malicious, s.Suspicious, s.Undetected, s.Harmless))},
		},
		PartOf: r.parts(),
	}}
	related := []ctim.Observable{{Type: ctim.TypeSHA256, Value: string(r.SHA256)}, {Type: ctim.TypeSHA1, Value: string(r.SHA1)}, {Type: ctim.TypeMD5, Value: string(r.MD5)}}
	for _, name := range names {
		related = append(related, ctim.Observable{Type: ctim.TypeFileName, Value: name})
	}
	for _, same := range related {
		if same.Type != o.Type {
			f.Relations = append(f.Relations, ctim.Relation{Relation: ctim.RelationRelatedTo, Source: o, Related: same})
		}
	}
	return f
}

// engines returns how many engines had an opinion.
func (r report) engines() int {
	return int(r.Stats.Malicious + r.Stats.Suspicious + r.Stats.Undetected + r.Stats.Harmless)
}

// verdicts and severities are those of Google Threat Intelligence. Benign is not Clean,
// which would outvote all others.
var (
	verdicts = map[lenient.Text]ctim.Disposition{
		"VERDICT_MALICIOUS": ctim.Malicious, "VERDICT_SUSPICIOUS": ctim.Suspicious, "VERDICT_BENIGN": ctim.Common, "VERDICT_UNDETECTED": 0,
	}
	severities = map[lenient.Text]ctim.Severity{
		"SEVERITY_HIGH": ctim.SeverityHigh, "SEVERITY_MEDIUM": ctim.SeverityMedium, "SEVERITY_LOW": ctim.SeverityLow, "SEVERITY_NONE": ctim.SeverityNone,
	}
)

// judge returns the judgement: that of Google Threat Intelligence if there is one, and
// otherwise that of the engines. An observable that no engine detects isn't clean.
func (r report) judge() ctim.Finding {
	engines := fmt.Sprintf("Malicious to %d of %d engines", r.Stats.Malicious, r.engines())
	if disposition, ok := verdicts[r.Assessment.Verdict.Value]; ok {
		reason := fmt.Sprintf("Threat score %s of 100. %s", cmp.Or(r.Assessment.Score.Value, "0"), engines)
		return ctim.Finding{Disposition: disposition, Severity: severities[r.Assessment.Severity.Value], Confidence: ctim.ConfidenceHigh, Reason: reason}
	}
	switch n := int(r.Stats.Malicious); {
	case n >= sureFrom:
		return ctim.Finding{Disposition: ctim.Malicious, Confidence: ctim.ConfidenceHigh, Reason: engines}
	case n >= maliciousFrom:
		return ctim.Finding{Disposition: ctim.Malicious, Reason: engines}
	case n > 0:
		return ctim.Finding{Disposition: ctim.Suspicious, Confidence: ctim.ConfidenceLow, Reason: engines}
	default:
		return ctim.Finding{}
	}
}

// parts returns the file's threats: the name that most engines use, and the malware that
// sandboxes recognized.
func (r report) parts() (parts []ctim.Part) {
	add := func(title, malware string) {
		part := ctim.Part{
			ID: "virustotal-" + title, Title: title, Types: []ctim.IndicatorType{ctim.IndicatorMalwareArtifacts},
			Indicates: threat.Append(nil, ctim.Threat{Kind: ctim.ThreatMalware, Name: malware}),
		}
		if title != "" && !slices.ContainsFunc(parts, func(p ctim.Part) bool { return p.ID == part.ID }) {
			parts = append(parts, part)
		}
	}
	family := "" // the most popular one: the others are often no families
	if len(r.Threat.Families) > 0 {
		family = string(r.Threat.Families[0].Value)
	}
	add(string(r.Threat.Label), family)
	for _, sandbox := range slices.Sorted(maps.Keys(r.Sandboxes)) {
		for _, name := range r.Sandboxes[sandbox].Malware {
			add(name, name)
		}
	}
	return parts
}
