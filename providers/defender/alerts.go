package defender

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
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
	api, err := endpoint(call)
	if err != nil {
		return ctim.Finding{}, err
	}
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
		if err := api.Get(ctx, "/api/files/"+o.Value, nil, &file); err != nil || file.SHA1 == "" {
			return ctim.Finding{}, unlessUnknown(err)
		}
		path = "/api/files/" + url.PathEscape(string(file.SHA1))
	default:
		return ctim.Finding{}, nil
	}
	var all collection[alert]
	var f ctim.Finding
	err = unlessUnknown(api.Get(ctx, path+"/alerts", nil, &all))
	for _, a := range all.Value {
		f.Seen = append(f.Seen, a.seen(o))
	}
	return f, err
}

// unlessUnknown returns nil if Defender doesn't know what it was asked about.
func unlessUnknown(err error) error {
	if isUnknown(err) {
		return nil
	}
	return err
}

// isUnknown reports whether err is Defender's own 404, and not that of a proxy or of
// the service that issues tokens.
func isUnknown(err error) bool {
	var status *upstream.StatusError
	var body struct{ Error struct{ Code string } }
	return errors.As(err, &status) && status.Status == http.StatusNotFound && json.Unmarshal(status.Body, &body) == nil && body.Error.Code != ""
}

// seen returns the alert as a sighting of an observable.
func (a alert) seen(o ctim.Observable) ctim.Seen {
	at := a.FirstEventTime.Time
	if at.IsZero() {
		at = a.AlertCreationTime.Time
	}
	s := ctim.Seen{
		At: at, Until: a.LastEventTime.Time, Key: []string{"alert", string(a.ID)},
		Title: string(a.Title), Text: string(a.Description), URL: "https://security.microsoft.com/alerts/" + url.PathEscape(string(a.ID)),
		Severity: severity(a.Severity), Confidence: ctim.ConfidenceHigh, Internal: true, Sensor: ctim.SensorEndpoint,
		Data: a.table(), Relations: a.relations(), Targets: target(a.ComputerDNSName, a.MachineID, at),
		Disposition: a.judge(o), Reason: string(a.Title),
	}
	if s.Title != "" {
		part := ctim.Part{ID: string(cmp.Or(a.DetectorID, a.Title)), Title: s.Title, Severity: s.Severity, Confidence: ctim.ConfidenceHigh}
		for _, id := range a.MITRETechniques {
			part.Indicates = threat.Append(part.Indicates, threat.Threat{Kind: threat.AttackPattern, Name: id, ID: id})
		}
		part.Indicates = threat.Append(part.Indicates, threat.Threat{Kind: threat.Malware, Name: string(a.ThreatFamilyName)})
		s.PartOf = []ctim.Part{part}
	}
	return s
}

func severity(text lenient.Text) ctim.Severity {
	known := map[string]ctim.Severity{"high": ctim.SeverityHigh, "medium": ctim.SeverityMedium, "low": ctim.SeverityLow, "informational": ctim.SeverityInfo}
	return cmp.Or(known[strings.ToLower(string(text))], ctim.SeverityUnknown)
}

// judge returns what an alert says of an observable, or 0. An alert names much that is
// harmless, such as the programs that an attacker abuses: only a file that is malware
// is malicious, and a process is nothing.
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

// is reports whether the evidence is the observable. An address of the own network is
// that of a victim.
func (e evidence) is(o ctim.Observable) bool {
	switch o.Type {
	case ctim.TypeIP:
		return string(e.IPAddress) == o.Value && normalize.IsPublic(o)
	case ctim.TypeDomain:
		u, err := url.Parse(string(e.URL))
		return err == nil && (strings.EqualFold(u.Hostname(), o.Value) || strings.EqualFold(string(e.URL), o.Value))
	case ctim.TypeSHA1:
		return strings.EqualFold(string(e.SHA1), o.Value)
	case ctim.TypeSHA256:
		return strings.EqualFold(string(e.SHA256), o.Value)
	default:
		return false // evidence has no MD5
	}
}

func (a alert) table() ctim.Table {
	table := ctim.Table{Columns: []string{"entity", "status", "file", "folder", "sha1", "sha256", "command line", "address", "url", "user"}}
	for _, e := range a.Evidence {
		table.Rows = append(table.Rows, texts(e.EntityType, e.DetectionStatus, e.FileName, e.FilePath, e.SHA1, e.SHA256, e.ProcessCommandLine, e.IPAddress, e.URL, e.AccountName))
	}
	return table.Compact()
}

func texts(all ...lenient.Text) (row []string) {
	for _, text := range all {
		row = append(row, string(text))
	}
	return row
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
		return ctim.Observable{Type: ctim.TypeSHA1, Value: string(sha1)}
	}
	return ctim.Observable{Type: ctim.TypeSHA256, Value: string(sha256)}
}
