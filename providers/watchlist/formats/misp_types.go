package formats

import (
	"cmp"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// attributeType says what the value of a MISP attribute is. Those of composite
// types are two values with a bar between them.
type attributeType struct {
	// left is the type of the value, or of the one before the bar; right of
	// the one after it. Of composites, one may be empty: it is no indicator by
	// itself, and goes into the description of the other, with label before it.
	left, right ctim.ObservableType
	label       string
}

// attributeTypes are the types of MISP whose values the platform knows. The
// name of a file is no indicator where its hash is given: the names of malware
// are often those of honest programs. Neither is a port or a registry value
// without its host or key.
var attributeTypes = map[string]attributeType{
	"ip-src":                 {left: ctim.TypeIP},
	"ip-dst":                 {left: ctim.TypeIP},
	"domain":                 {left: ctim.TypeDomain},
	"hostname":               {left: ctim.TypeHostname},
	"url":                    {left: ctim.TypeURL},
	"uri":                    {left: ctim.TypeURL},
	"md5":                    {left: ctim.TypeMD5},
	"sha1":                   {left: ctim.TypeSHA1},
	"sha256":                 {left: ctim.TypeSHA256},
	"filename":               {left: ctim.TypeFileName},
	"email":                  {left: ctim.TypeEmail},
	"email-src":              {left: ctim.TypeEmail},
	"email-dst":              {left: ctim.TypeEmail},
	"email-reply-to":         {left: ctim.TypeEmail},
	"whois-registrant-email": {left: ctim.TypeEmail},
	"email-subject":          {left: ctim.TypeEmailSubject},
	"email-message-id":       {left: ctim.TypeEmailMessageID},
	"regkey":                 {left: ctim.TypeRegistryKey},
	"mutex":                  {left: ctim.TypeMutex},
	"mac-address":            {left: ctim.TypeMACAddress},
	"user-agent":             {left: ctim.TypeUserAgent},
	"filename|md5":           {right: ctim.TypeMD5, label: "File name: "},
	"filename|sha1":          {right: ctim.TypeSHA1, label: "File name: "},
	"filename|sha256":        {right: ctim.TypeSHA256, label: "File name: "},
	"malware-sample":         {right: ctim.TypeMD5, label: "File name: "},
	"domain|ip":              {left: ctim.TypeDomain, right: ctim.TypeIP},
	"ip-src|port":            {left: ctim.TypeIP, label: "Port: "},
	"ip-dst|port":            {left: ctim.TypeIP, label: "Port: "},
	"hostname|port":          {left: ctim.TypeHostname, label: "Port: "},
	"regkey|value":           {left: ctim.TypeRegistryKey, label: "Registry value: "},
}

// part is one of the values of an attribute.
type part struct {
	observable ctim.Observable
	note       string
}

func (t attributeType) split(value string) []part {
	if t.right == "" && t.label == "" {
		return []part{{observable: ctim.Observable{Type: fileType(t.left, value), Value: value}}}
	}
	bar := strings.IndexByte(value, '|')
	if t.left == "" {
		bar = strings.LastIndexByte(value, '|') // hashes have none
	}
	left, right := value, ""
	if bar >= 0 {
		left, right = value[:bar], value[bar+1:]
	}
	switch {
	case t.left == "" && bar < 0:
		return []part{{observable: ctim.Observable{Type: t.right, Value: value}}}
	case t.left == "":
		return []part{{ctim.Observable{Type: t.right, Value: right}, t.note(left)}}
	case t.right == "":
		return []part{{ctim.Observable{Type: t.left, Value: left}, t.note(right)}}
	default:
		return []part{{observable: ctim.Observable{Type: t.left, Value: left}}, {observable: ctim.Observable{Type: t.right, Value: right}}}
	}
}

func (t attributeType) note(value string) string {
	if value == "" {
		return ""
	}
	return t.label + value
}

// fileType tells paths from names: both are "filename" in MISP.
func fileType(t ctim.ObservableType, value string) ctim.ObservableType {
	if t == ctim.TypeFileName && strings.ContainsAny(value, `\/`) {
		return ctim.TypeFilePath
	}
	return t
}

// galaxy is knowledge attached to an event or attribute.
type galaxy struct {
	Type     lenient.Text    `json:"type"`
	Clusters []galaxyCluster `json:"GalaxyCluster"`
}

type galaxyCluster struct {
	Type        lenient.Text `json:"type"`
	Value       lenient.Text `json:"value"`
	Description lenient.Text `json:"description"`
	Meta        struct {
		ExternalID lenient.Texts `json:"external_id"`
		Refs       lenient.Texts `json:"refs"`
	} `json:"meta"`
}

// galaxyKinds are the galaxies that name threats. Older ones of ATT&CK have
// longer names.
var galaxyKinds = map[string]threat.Kind{
	"threat-actor":                           threat.Actor,
	"mitre-intrusion-set":                    threat.Actor,
	"mitre-enterprise-attack-intrusion-set":  threat.Actor,
	"microsoft-activity-group":               threat.Actor,
	"mitre-attack-pattern":                   threat.AttackPattern,
	"mitre-enterprise-attack-attack-pattern": threat.AttackPattern,
	"mitre-mobile-attack-attack-pattern":     threat.AttackPattern,
	"malpedia":                               threat.Malware,
	"mitre-malware":                          threat.Malware,
	"mitre-enterprise-attack-malware":        threat.Malware,
	"android":                                threat.Malware,
	"backdoor":                               threat.Malware,
	"banker":                                 threat.Malware,
	"botnet":                                 threat.Malware,
	"ransomware":                             threat.Malware,
	"rat":                                    threat.Malware,
	"stealer":                                threat.Malware,
	"exploit-kit":                            threat.Tool,
	"mitre-tool":                             threat.Tool,
	"mitre-enterprise-attack-tool":           threat.Tool,
	"tool":                                   threat.Tool,
	"mitre-campaign":                         threat.Campaign,
}

// appendGalaxies adds the threats that galaxies name, and those that only a
// tag names: exports may come without the galaxies themselves.
func appendGalaxies(threats []threat.Threat, galaxies []galaxy, tags []mispTag) []threat.Threat {
	threats = threats[:len(threats):len(threats)] // others share it
	for _, g := range galaxies {
		for _, cluster := range g.Clusters {
			kind, ok := galaxyKinds[strings.ToLower(string(cmp.Or(cluster.Type, g.Type)))]
			if !ok {
				continue
			}
			t := threat.Named(kind, string(cluster.Value))
			for _, id := range cluster.Meta.ExternalID {
				if t.ID == "" && threat.IsAttackID(id) {
					t.ID, t.URL = id, threat.PageOf(id)
				}
			}
			for _, ref := range cluster.Meta.Refs {
				t.URL = cmp.Or(t.URL, normalize.WebURL(ref))
			}
			t.Description = threat.Brief(string(cluster.Description))
			threats = threat.Append(threats, t)
		}
	}
	for _, tag := range tags {
		if kind, name, ok := galaxyTag(string(tag.Name)); ok {
			threats = threat.Append(threats, threat.Named(kind, name))
		}
	}
	return threats
}

// galaxyTag takes apart a tag such as misp-galaxy:threat-actor="Turla Group".
func galaxyTag(tag string) (kind threat.Kind, name string, ok bool) {
	rest, found := strings.CutPrefix(tag, "misp-galaxy:")
	if !found {
		return "", "", false
	}
	namespace, value, found := strings.Cut(rest, "=")
	kind, ok = galaxyKinds[strings.ToLower(namespace)]
	return kind, strings.Trim(value, `"`), found && ok
}
