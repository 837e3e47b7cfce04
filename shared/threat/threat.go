// Package threat parses the names of malware, actors, techniques and the like from
// sources of indicators.
package threat

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/text"
)

// Threat and Kind are aliases of the types of package ctim.
type (
	Threat = ctim.Threat
	Kind   = ctim.ThreatKind
)

// The kinds of threats.
const (
	Malware       = ctim.ThreatMalware
	Tool          = ctim.ThreatTool
	Actor         = ctim.ThreatActor
	Campaign      = ctim.ThreatCampaign
	AttackPattern = ctim.ThreatAttackPattern
	Vulnerability = ctim.ThreatVulnerability
)

// Append appends a threat unless it has no name, or the list contains one of the same
// kind with its name or id.
func Append(threats []Threat, t Threat) []Threat {
	if t.Name == "" {
		return threats
	}
	same := func(other Threat) bool {
		return other.Kind == t.Kind && (strings.EqualFold(other.Name, t.Name) || t.ID != "" && other.ID == t.ID)
	}
	if slices.ContainsFunc(threats, same) {
		return threats
	}
	return append(threats, t)
}

// These are compiled on first use, so that they don't slow down every start.
var (
	// attackID matches an id of MITRE ATT&CK at the start or end of a name: of a
	// technique, group, software or campaign.
	attackID = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([TGSC]\d{4}(?:\.\d{3})?)\b|\b([TGSC]\d{4}(?:\.\d{3})?)$`)
	})
	cveID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bCVE-\d{4}-\d{4,}\b`) })
)

// Named returns a threat from a name that may contain an id, such as "Phishing -
// T1566", "T1566: Phishing", "T1566" or "CVE-2023-5631".
func Named(kind Kind, name string) Threat {
	t := Threat{Kind: kind, Name: strings.TrimSpace(name)}
	if kind == Vulnerability {
		t.ID = FindCVE(t.Name)
	} else if id := attackID().FindString(t.Name); id != "" {
		t.ID = id
		t.Name = cmp.Or(strings.Trim(strings.Replace(t.Name, id, "", 1), " -:()[]"), id)
	}
	t.URL = PageOf(t.ID)
	return t
}

// FindCVE returns the first CVE number in a text in upper case, or "".
func FindCVE(s string) string { return strings.ToUpper(cveID().FindString(s)) }

// IsAttackID reports whether a text is an id of MITRE ATT&CK and nothing else.
func IsAttackID(s string) bool { return s != "" && attackID().FindString(s) == s }

// PageOf returns the URL of the public page about an id, or "" if the id is unknown.
func PageOf(id string) string {
	if strings.HasPrefix(id, "CVE-") {
		return "https://nvd.nist.gov/vuln/detail/" + id
	}
	if !IsAttackID(id) {
		return ""
	}
	section := map[byte]string{'T': "techniques/", 'G': "groups/", 'S': "software/", 'C': "campaigns/"}[id[0]]
	return "https://attack.mitre.org/" + section + strings.Replace(id, ".", "/", 1) + "/"
}

// maxBrief is how many characters of a threat's description are kept. Descriptions in
// knowledge bases are pages long, and every indicator has a copy.
const maxBrief = 300

// Brief returns the first line of a description, shortened to 300 characters.
func Brief(description string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(description), "\n")
	return text.Shorten(strings.TrimSpace(line), maxBrief)
}
