package mispevent

import (
	"cmp"
	"strings"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
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

// galaxyKinds are the kinds of threats that galaxies name. MITRE ATT&CK has had several
// names for each of its galaxies.
var galaxyKinds = sync.OnceValue(func() map[string]threat.Kind {
	kinds := map[string]threat.Kind{}
	for kind, names := range map[threat.Kind]string{
		threat.Actor:         "threat-actor mitre-intrusion-set mitre-enterprise-attack-intrusion-set microsoft-activity-group",
		threat.AttackPattern: "mitre-attack-pattern mitre-enterprise-attack-attack-pattern mitre-mobile-attack-attack-pattern",
		threat.Malware:       "malpedia mitre-malware mitre-enterprise-attack-malware android backdoor banker botnet ransomware rat stealer",
		threat.Tool:          "exploit-kit mitre-tool mitre-enterprise-attack-tool tool",
		threat.Campaign:      "mitre-campaign",
	} {
		for name := range strings.FieldsSeq(names) {
			kinds[name] = kind
		}
	}
	return kinds
})

// AppendThreats appends the threats that galaxies name, and those that only a
// tag names: a document may have the tags without the galaxies. It doesn't
// write into the array of threats.
func AppendThreats(threats []threat.Threat, galaxies []Galaxy, tags []Tag) []threat.Threat {
	threats = threats[:len(threats):len(threats)]
	for _, g := range galaxies {
		for _, cluster := range g.Clusters {
			kind, ok := galaxyKinds()[strings.ToLower(string(cmp.Or(cluster.Type, g.Type)))]
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
				t.URL = cmp.Or(t.URL, ctim.WebURL(ref))
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
	kind, ok = galaxyKinds()[strings.ToLower(namespace)]
	return kind, strings.Trim(value, `"`), found && ok
}
