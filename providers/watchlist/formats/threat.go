package formats

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
)

var (
	// attackID is an id of MITRE ATT&CK at the start or end of a name: of a
	// technique, group, software or campaign.
	attackID = regexp.MustCompile(`^([TGSC]\d{4}(?:\.\d{3})?)\b|\b([TGSC]\d{4}(?:\.\d{3})?)$`)
	cveID    = regexp.MustCompile(`(?i)\bCVE-\d{4}-\d{4,}\b`)
)

// newThreat makes a threat of a name that may have an id in it: "Phishing -
// T1566", "T1566: Phishing", "T1566", "CVE-2023-5631".
func newThreat(kind watchlist.ThreatKind, name string) watchlist.Threat {
	t := watchlist.Threat{Kind: kind, Name: strings.TrimSpace(name)}
	if kind == watchlist.ThreatVulnerability {
		t.ID = strings.ToUpper(cveID.FindString(t.Name))
	} else if id := attackID.FindString(t.Name); id != "" {
		t.ID = id
		bare := strings.Trim(strings.Replace(t.Name, id, "", 1), " -:()[]")
		t.Name = cmp.Or(bare, id)
	}
	t.URL = threatURL(t.ID)
	return t
}

// threatURL is the page about an id that everybody uses, or empty.
func threatURL(id string) string {
	if strings.HasPrefix(id, "CVE-") {
		return "https://nvd.nist.gov/vuln/detail/" + id
	}
	if id == "" || attackID.FindString(id) != id {
		return ""
	}
	page := strings.Replace(id, ".", "/", 1)
	switch id[0] {
	case 'T':
		return "https://attack.mitre.org/techniques/" + page + "/"
	case 'G':
		return "https://attack.mitre.org/groups/" + page + "/"
	case 'S':
		return "https://attack.mitre.org/software/" + page + "/"
	default:
		return "https://attack.mitre.org/campaigns/" + page + "/"
	}
}

// appendThreat adds a threat that isn't there yet. Of two with one name or id,
// the first is kept.
func appendThreat(threats []watchlist.Threat, t watchlist.Threat) []watchlist.Threat {
	if t.Name == "" {
		return threats
	}
	same := func(other watchlist.Threat) bool {
		return other.Kind == t.Kind && (strings.EqualFold(other.Name, t.Name) || t.ID != "" && other.ID == t.ID)
	}
	if slices.ContainsFunc(threats, same) {
		return threats
	}
	return append(threats, t)
}

// maxThreatText is how much of a threat's description is kept, in characters.
// Knowledge bases have pages, and every entry carries its own.
const maxThreatText = 300

// firstParagraph is the start of a description.
func firstParagraph(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.TrimSpace(text)
	if characters := []rune(text); len(characters) > maxThreatText {
		text = string(characters[:maxThreatText-1]) + "…"
	}
	return text
}
