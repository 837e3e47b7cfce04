package defender

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/upstream"
)

// event is a row of the tables DeviceFileEvents and DeviceNetworkEvents:
// https://learn.microsoft.com/defender-xdr/advanced-hunting-devicefileevents-table
type event struct {
	Timestamp                                               lenient.Time
	DeviceID, DeviceName, ReportID, ActionType              lenient.Text
	FileName, FolderPath, PreviousFileName, FileOriginURL   lenient.Text
	SHA1, SHA256                                            lenient.Text
	LocalIP, RemoteIP, RemotePort, RemoteURL, Protocol      lenient.Text
	InitiatingProcessFileName, InitiatingProcessCommandLine lenient.Text
	InitiatingProcessSHA1, InitiatingProcessSHA256          lenient.Text
	InitiatingProcessAccountName                            lenient.Text
}

const (
	fileColumns    = "FileName, FolderPath, PreviousFileName, FileOriginUrl, SHA1, SHA256"
	networkColumns = "LocalIP, RemoteIP, RemotePort, RemoteUrl, Protocol"
	processColumns = "InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessSHA1, InitiatingProcessSHA256, InitiatingProcessAccountName"
)

// query returns the query for the newest events with an observable.
func query(o ctim.Observable, limit int) string {
	table, columns, value := "DeviceNetworkEvents", networkColumns, quoteKQL(o.Value)
	var where string
	switch o.Type {
	case ctim.TypeDomain:
		where = fmt.Sprintf("RemoteUrl =~ %s or tostring(parse_url(RemoteUrl).Host) =~ %[1]s", value)
	case ctim.TypeURL:
		where = "RemoteUrl =~ " + value
	case ctim.TypeIP, ctim.TypeIPv6: // an IPv4 address may be written as an IPv6 address
		where = fmt.Sprintf(`RemoteIP =~ %s or RemoteIP =~ strcat("::ffff:", %[1]s)`, value)
	case ctim.TypeFileName:
		table, columns, where = "DeviceFileEvents", fileColumns, "FileName =~ "+value
	default:
		table, columns, where = "DeviceFileEvents", fileColumns, strings.ToUpper(string(o.Type))+" =~ "+value
	}
	return fmt.Sprintf("%s | where %s | top %d by Timestamp desc | project Timestamp, DeviceId, DeviceName, ReportId, ActionType, %s, %s", table, where, limit, columns, processColumns)
}

// findEvents hunts for the events of the last 30 days, which Defender keeps.
func findEvents(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	api, err := graph(call)
	if err != nil {
		return ctim.Finding{}, err
	}
	var found struct{ Results lenient.List[event] }
	err = api.Do(ctx, upstream.Request{
		Method: http.MethodPost, Path: "/v1.0/security/runHuntingQuery", Repeatable: true,
		Body: map[string]string{"Query": query(o, call.Limit), "Timespan": "P30D"},
	}, &found)
	if upstream.IsStatus(err, http.StatusForbidden) {
		api.Stop(err) // the app lacks ThreatHunting.Read.All, whatever is hunted for
	}
	var f ctim.Finding
	for _, e := range found.Results {
		f.Seen = append(f.Seen, e.seen())
	}
	return f, err
}

func (e event) seen() ctim.Seen {
	return ctim.Seen{
		At: e.Timestamp.Time, Key: []string{"event", e.Timestamp.UTC().Format(time.RFC3339Nano), string(e.DeviceID), string(e.ReportID), string(e.ActionType)},
		Title:    fmt.Sprintf("%s on %s", cmp.Or(e.ActionType, "Event"), cmp.Or(e.DeviceName, e.DeviceID, "a device")),
		Severity: ctim.SeverityInfo, Confidence: ctim.ConfidenceHigh, Internal: true, Sensor: ctim.SensorEndpoint,
		Targets: target(e.DeviceName, e.DeviceID, e.Timestamp.Time), Relations: e.relations(), Data: e.table(),
	}
}

func (e event) table() ctim.Table {
	return ctim.Table{
		Columns: []string{"action", "file", "folder", "previous name", "origin", "process", "command line", "account", "local address", "remote address", "port", "url", "protocol"},
		Rows: [][]string{texts(e.ActionType, e.FileName, e.FolderPath, e.PreviousFileName, e.FileOriginURL, e.InitiatingProcessFileName, e.InitiatingProcessCommandLine,
			e.InitiatingProcessAccountName, e.LocalIP, e.RemoteIP, e.RemotePort, e.RemoteURL, e.Protocol)},
	}.Compact()
}

// relations returns where a file came from and what it was called, and what a process
// was connected to. Those with a part that is missing are dropped later.
func (e event) relations() []ctim.Relation {
	file, process := hash(e.SHA256, e.SHA1), hash(e.InitiatingProcessSHA256, e.InitiatingProcessSHA1)
	name := func(text lenient.Text) ctim.Observable {
		return ctim.Observable{Type: ctim.TypeFileName, Value: string(text)}
	}
	all := []ctim.Relation{
		{Relation: ctim.RelationDownloadedFrom, Source: file, Related: ctim.Observable{Type: ctim.TypeURL, Value: string(e.FileOriginURL)}},
		{Relation: ctim.RelationRenamedTo, Source: name(e.PreviousFileName), Related: name(e.FileName)},
	}
	remote := ctim.Observable{Type: ctim.TypeIP, Value: strings.TrimPrefix(string(e.RemoteIP), "::ffff:")}
	if strings.Contains(remote.Value, ":") {
		remote.Type = ctim.TypeIPv6
	}
	site := ctim.Observable{Type: ctim.TypeDomain, Value: string(e.RemoteURL)}
	if u, err := url.Parse(site.Value); err == nil && u.Host != "" {
		site.Type = ctim.TypeURL
	}
	if remote.Value != "" {
		all = append(all, ctim.Relation{Relation: ctim.RelationConnectedTo, Source: process, Related: remote},
			ctim.Relation{Relation: ctim.RelationResolvedTo, Source: site, Related: remote})
	} else {
		all = append(all, ctim.Relation{Relation: ctim.RelationConnectedTo, Source: process, Related: site})
	}
	return all
}

// target returns the device that something happened on.
func target(name, id lenient.Text, at time.Time) []ctim.Target {
	all := slices.DeleteFunc([]ctim.Observable{{Type: ctim.TypeHostname, Value: string(name)}, {Type: ctim.TypeMSMachineID, Value: string(id)}},
		func(o ctim.Observable) bool { return o.Value == "" })
	if len(all) == 0 || at.IsZero() {
		return nil
	}
	return []ctim.Target{{Type: ctim.SensorEndpoint, Observables: all, ObservedTime: ctim.ObservedTime{Start: ctim.At(at), End: ctim.At(at)}}}
}
