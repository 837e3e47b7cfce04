package defender

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
	"github.com/serverless-relay/relay/shared/upstream"
)

// alert is an alert: https://learn.microsoft.com/defender-endpoint/api/alerts
type alert struct {
	ID, Title, Description, Category, DetectorID, ThreatFamilyName, ThreatName lenient.Text
	// Severity is UnSpecified, Informational, Low, Medium or High.
	Severity lenient.Text
	// Classification and Determination are an analyst's, if there are any.
	Classification, Determination                    lenient.Text
	MachineID, ComputerDNSName                       lenient.Text
	MITRETechniques                                  lenient.Texts
	AlertCreationTime, FirstEventTime, LastEventTime lenient.Time
	Evidence                                         lenient.List[evidence]
}

// evidence is an entity that an alert is about.
type evidence struct {
	// EntityType is File, Process, Ip, Url, User or another.
	EntityType, SHA1, SHA256, FileName, FilePath, IPAddress, URL, AccountName, DetectionStatus lenient.Text
	ProcessID, ParentProcessID, ProcessCommandLine                                             lenient.Text
}

// findAlerts looks for alerts. Defender has no search for alerts about URLs, names of
// files or IPv6 addresses.
func findAlerts(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	var path string
	switch o.Type {
	case ctim.TypeIP:
		path = "/api/ips/" + url.PathEscape(o.Value)
	case ctim.TypeDomain:
		path = "/api/domains/" + url.PathEscape(o.Value)
	case ctim.TypeSHA1:
		path = "/api/files/" + o.Value
	case ctim.TypeSHA256, ctim.TypeMD5:
		var file struct{ SHA1 lenient.Text } // by which alone alerts can be found
		if err := read(ctx, call, upstream.Request{Path: "/api/files/" + o.Value}, &file); err != nil || file.SHA1 == "" {
			return ctim.Finding{}, err
		}
		path = "/api/files/" + url.PathEscape(string(file.SHA1))
	default:
		return ctim.Finding{}, nil
	}
	var all struct{ Value lenient.List[alert] }
	var f ctim.Finding
	err := read(ctx, call, upstream.Request{Path: path + "/alerts"}, &all)
	for _, a := range all.Value {
		f.Seen = append(f.Seen, a.seen(o))
	}
	return f, err
}

// seen returns the alert as a sighting of an observable.
func (a alert) seen(o ctim.Observable) ctim.Seen {
	s := ctim.Seen{
		At: cmp.Or(a.FirstEventTime.Time, a.AlertCreationTime.Time), Until: a.LastEventTime.Time, Key: []string{"alert", string(a.ID)},
		Title: string(a.Title), Text: string(a.Description), URL: "https://security.microsoft.com/alerts/" + url.PathEscape(string(a.ID)),
		Severity: severity(a.Severity), Confidence: ctim.ConfidenceHigh, Internal: true, Sensor: ctim.SensorEndpoint,
		Device: []ctim.Observable{observable(ctim.TypeHostname, a.ComputerDNSName), observable(ctim.TypeMSMachineID, a.MachineID)},
		Data:   a.table(), Relations: a.relations(), Disposition: a.judge(o), Reason: string(a.Title),
	}
	part := ctim.Part{ID: string(cmp.Or(a.DetectorID, a.Title)), Title: s.Title, Severity: s.Severity, Confidence: ctim.ConfidenceHigh}
	for _, id := range a.MITRETechniques {
		part.Indicates = threat.Append(part.Indicates, threat.Threat{Kind: threat.AttackPattern, Name: id, ID: id})
	}
	part.Indicates = threat.Append(part.Indicates, threat.Threat{Kind: threat.Malware, Name: string(a.ThreatFamilyName)})
	s.PartOf = []ctim.Part{part}
	return s
}

func severity(text lenient.Text) ctim.Severity {
	known := map[string]ctim.Severity{"high": ctim.SeverityHigh, "medium": ctim.SeverityMedium, "low": ctim.SeverityLow, "informational": ctim.SeverityInfo}
	return cmp.Or(known[strings.ToLower(string(text))], ctim.SeverityUnknown)
}

// judge returns an alert's judgement of an observable, or 0. An alert also names harmless
// things, such as the programs that an attacker abuses. So only a file that is malware is
// malicious, and a process gets no judgement.
func (a alert) judge(o ctim.Observable) ctim.Disposition {
	if c := string(a.Classification); c != "" && !strings.EqualFold(c, "TruePositive") && !strings.EqualFold(c, "Unknown") {
		return 0 // a false positive or expected activity
	}
	risk := severity(a.Severity)
	for _, e := range a.Evidence {
		if !e.is(o) {
			continue
		}
		switch {
		case e.EntityType == "File" && (a.ThreatName != "" || strings.EqualFold(string(a.Determination), "Malware")):
			return ctim.Malicious
		case e.EntityType != "Process" && (risk == ctim.SeverityHigh || risk == ctim.SeverityMedium):
			return ctim.Suspicious
		}
	}
	return 0
}

// is reports whether the evidence is the observable. An address or a name in the
// organization's network is a victim's.
func (e evidence) is(o ctim.Observable) bool {
	host := ""
	if u, err := url.Parse(string(e.URL)); err == nil {
		host = u.Hostname()
	}
	values := append(ctim.Row(e.IPAddress, e.SHA1, e.SHA256, e.URL), host)
	return normalize.IsPublic(o) && slices.ContainsFunc(values, func(value string) bool { return strings.EqualFold(value, o.Value) })
}

func (a alert) table() ctim.Table {
	table := ctim.Table{Columns: []string{"entity", "status", "file", "folder", "sha1", "sha256", "command line", "address", "url", "user"}}
	for _, e := range a.Evidence {
		table.Rows = append(table.Rows, ctim.Row(e.EntityType, e.DetectionStatus, e.FileName, e.FilePath, e.SHA1, e.SHA256,
			e.ProcessCommandLine, e.IPAddress, e.URL, e.AccountName))
	}
	return table
}

// observable returns an observable. Its value may be empty.
func observable(t ctim.ObservableType, value lenient.Text) ctim.Observable {
	return ctim.Observable{Type: t, Value: string(value)}
}

// relations returns which process started which.
func (a alert) relations() (all []ctim.Relation) {
	for _, child := range a.Evidence {
		for _, parent := range a.Evidence {
			if child.ParentProcessID != "" && child.ParentProcessID == parent.ProcessID {
				all = append(all, ctim.Relation{Relation: ctim.RelationParentOf, Source: hash(parent.SHA256, parent.SHA1), Related: hash(child.SHA256, child.SHA1)})
			}
		}
	}
	return all
}

// hash returns the better hash of a file. Its value is empty if there is none.
func hash(sha256, sha1 lenient.Text) ctim.Observable {
	if sha256 == "" {
		return observable(ctim.TypeSHA1, sha1)
	}
	return observable(ctim.TypeSHA256, sha256)
}
