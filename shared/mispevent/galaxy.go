package mispevent

import (
	"cmp"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// Galaxy is knowledge attached to an event or attribute.
type Galaxy struct {
	Type     lenient.Text          `json:"type"`
	Clusters lenient.List[Cluster] `json:"GalaxyCluster"`
}

// Cluster is one entry of a galaxy: a group, a technique, a malware family.
type Cluster struct {
	Type        lenient.Text `json:"type"`
	Value       lenient.Text `json:"value"`
	Description lenient.Text `json:"description"`
	Meta        struct {
		ExternalID lenient.Texts `json:"external_id"`
		Refs       lenient.Texts `json:"refs"`
	} `json:"meta"`
}

// galaxyPrefix starts the tags that stand for clusters.
const galaxyPrefix = "misp-galaxy:"

// galaxyKinds maps the galaxies that name threats to the threats' kind. MITRE
// ATT&CK has had several names for each of its galaxies.
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

// AppendThreats appends the threats that galaxies name, and those that only a
// tag names: a document may have the tags without the galaxies. It doesn't
// write into the array of threats.
func AppendThreats(threats []threat.Threat, galaxies []Galaxy, tags []Tag) []threat.Threat {
	threats = threats[:len(threats):len(threats)]
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

// galaxyTag parses a tag such as misp-galaxy:threat-actor="Turla Group".
func galaxyTag(tag string) (kind threat.Kind, name string, ok bool) {
	rest, found := strings.CutPrefix(tag, galaxyPrefix)
	if !found {
		return "", "", false
	}
	namespace, value, found := strings.Cut(rest, "=")
	kind, ok = galaxyKinds[strings.ToLower(namespace)]
	return kind, strings.Trim(value, `"`), found && ok
}
