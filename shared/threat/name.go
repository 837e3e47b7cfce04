package threat

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
)

// Both are made when they are first needed: a function that never reads a name
// shall not start later for them.
var (
	// attackID is an id of MITRE ATT&CK at the start or end of a name: of a
	// technique, group, software or campaign.
	attackID = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([TGSC]\d{4}(?:\.\d{3})?)\b|\b([TGSC]\d{4}(?:\.\d{3})?)$`)
	})
	cveID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bCVE-\d{4}-\d{4,}\b`) })
)

// Named makes a threat of a name that may have an id in it: "Phishing - T1566",
// "T1566: Phishing", "T1566", "CVE-2023-5631".
func Named(kind Kind, name string) Threat {
	t := Threat{Kind: kind, Name: strings.TrimSpace(name)}
	if kind == Vulnerability {
		t.ID = FindCVE(t.Name)
	} else if id := attackID().FindString(t.Name); id != "" {
		t.ID = id
		bare := strings.Trim(strings.Replace(t.Name, id, "", 1), " -:()[]")
		t.Name = cmp.Or(bare, id)
	}
	t.URL = PageOf(t.ID)
	return t
}

// FindCVE is the first number of a vulnerability in a text, or empty.
func FindCVE(text string) string { return strings.ToUpper(cveID().FindString(text)) }

// IsAttackID says whether a text is an id of MITRE ATT&CK and nothing else.
func IsAttackID(text string) bool { return text != "" && attackID().FindString(text) == text }

// PageOf is the page about an id that everybody uses, or empty.
func PageOf(id string) string {
	if strings.HasPrefix(id, "CVE-") {
		return "https://nvd.nist.gov/vuln/detail/" + id
	}
	if !IsAttackID(id) {
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

// maxBrief is how much of a threat's description is kept, in characters.
// Knowledge bases have pages, and every indicator carries its own.
const maxBrief = 300

// Brief is the start of a description: its first paragraph, and not too much of
// that.
func Brief(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.TrimSpace(text)
	if characters := []rune(text); len(characters) > maxBrief {
		text = string(characters[:maxBrief-1]) + "…"
	}
	return text
}
