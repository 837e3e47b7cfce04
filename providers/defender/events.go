package defender

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/normalize"
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
	value := quoteKQL(o.Value)
	table, columns, where := "DeviceFileEvents", fileColumns, strings.ToUpper(string(o.Type))+" =~ "+value
	switch o.Type {
	case ctim.TypeFileName:
		where = "FileName =~ " + value
	case ctim.TypeDomain, ctim.TypeURL:
		table, columns = "DeviceNetworkEvents", networkColumns
		where = fmt.Sprintf("RemoteUrl =~ %s or tostring(parse_url(RemoteUrl).Host) =~ %[1]s", value)
	case ctim.TypeIP, ctim.TypeIPv6: // an IPv4 address may be written as an IPv6 address
		table, columns = "DeviceNetworkEvents", networkColumns
		where = fmt.Sprintf(`RemoteIP =~ %s or RemoteIP =~ strcat("::ffff:", %[1]s)`, value)
	}
	return fmt.Sprintf("%s | where %s | top %d by Timestamp desc | project Timestamp, DeviceId, DeviceName, ReportId, ActionType, %s, %s",
		table, where, limit, columns, processColumns)
}

// findEvents hunts for the events of the last 30 days, which Defender keeps.
func findEvents(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	s := call.Settings.(settings)
	api, err := call.AtWith(title, s.Graph, s.auth(graphScope), call.Claims)
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
		Device:    []ctim.Observable{observable(ctim.TypeHostname, e.DeviceName), observable(ctim.TypeMSMachineID, e.DeviceID)},
		Relations: e.relations(),
		Data: ctim.Table{
			Columns: []string{"action", "file", "folder", "previous name", "origin", "process", "command line", "account", "local address", "remote address", "port", "url", "protocol"},
			Rows: [][]string{ctim.Row(e.ActionType, e.FileName, e.FolderPath, e.PreviousFileName, e.FileOriginURL, e.InitiatingProcessFileName, e.InitiatingProcessCommandLine,
				e.InitiatingProcessAccountName, e.LocalIP, e.RemoteIP, e.RemotePort, e.RemoteURL, e.Protocol)},
		},
	}
}

// relations returns a file's origin and its former name, and the connection of a process.
// Relations without one of their ends are dropped later.
func (e event) relations() []ctim.Relation {
	file, process := hash(e.SHA256, e.SHA1), hash(e.InitiatingProcessSHA256, e.InitiatingProcessSHA1)
	remote := ctim.Address(strings.TrimPrefix(string(e.RemoteIP), "::ffff:"))
	site := e.site()
	connected := remote
	if remote.Value == "" {
		connected = site
	}
	return []ctim.Relation{
		{Relation: ctim.RelationDownloadedFrom, Source: file, Related: observable(ctim.TypeURL, e.FileOriginURL)},
		{Relation: ctim.RelationRenamedTo, Source: observable(ctim.TypeFileName, e.PreviousFileName), Related: observable(ctim.TypeFileName, e.FileName)},
		{Relation: ctim.RelationConnectedTo, Source: process, Related: connected},
		{Relation: ctim.RelationResolvedTo, Source: site, Related: remote},
	}
}

// site returns the URL or the domain in RemoteUrl, which may be a host with a port or a
// path. Its value is empty if there is none.
func (e event) site() ctim.Observable {
	if strings.Contains(string(e.RemoteURL), "://") {
		return observable(ctim.TypeURL, e.RemoteURL)
	}
	u, err := url.Parse("//" + string(e.RemoteURL))
	if err != nil {
		return ctim.Observable{}
	}
	domain, err := normalize.Observable(ctim.Observable{Type: ctim.TypeDomain, Value: u.Hostname()})
	if err != nil {
		return ctim.Observable{}
	}
	return domain
}
