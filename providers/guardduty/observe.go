package guardduty

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
)

const domainAttribute = "service.action.dnsRequestAction.domain"

// attributes returns the attributes of findings that may have an observable of the
// type. Criteria can't be alternatives, so each attribute needs a search.
func attributes(t ctim.ObservableType) []string {
	if t == ctim.TypeDomain {
		return []string{domainAttribute}
	}
	const nic = "resource.instanceDetails.networkInterfaces."
	all, version := []string{nic + "publicIp", nic + "privateIpAddresses.privateIpAddress"}, "V4"
	if t == ctim.TypeIPv6 {
		all, version = []string{nic + "ipv6Addresses"}, "V6"
	}
	for _, action := range []string{"networkConnectionAction", "awsApiCallAction", "portProbeAction.portProbeDetails", "kubernetesApiCallAction", "rdsLoginAttemptAction"} {
		all = append(all, "service.action."+action+".remoteIpDetails.ipAddress"+version)
	}
	return all
}

// batchLimit is how many findings a search about several observables returns.
const batchLimit = 100

// find looks for the newest findings with an observable. Those of a type are searched
// for together, with equal requests that are sent once. If there are too many findings
// for that, or the search fails, the observable is searched for alone.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	d, err := connect(ctx, call)
	if err != nil {
		return ctim.Finding{}, err
	}
	var found []finding
	values := batch(call.Observables, o)
	alone := len(values) < 2
	if !alone {
		var cut bool
		found, cut, err = d.search(ctx, o.Type, values, batchLimit)
		alone = cut || err != nil
	}
	if alone {
		found, _, err = d.search(ctx, o.Type, []string{o.Value}, call.Limit)
	}
	var all ctim.Finding
	for _, f := range found {
		if alone || f.mentions(o) {
			all.Seen = append(all.Seen, f.about(o, d.region))
		}
	}
	return all, err
}

// batch returns the values of up to 50 observables of a type, which is how many a
// condition may have: those that are searched for together with o.
func batch(observables []ctim.Observable, o ctim.Observable) []string {
	var values []string
	for _, other := range observables {
		if other.Type == o.Type && !slices.Contains(values, other.Value) {
			values = append(values, other.Value)
		}
	}
	for chunk := range slices.Chunk(values, 50) {
		if slices.Contains(chunk, o.Value) {
			return chunk
		}
	}
	return nil
}

// search returns the newest findings with one of the values, up to limit for each
// attribute. cut is true if there may be more.
func (d detector) search(ctx context.Context, t ctim.ObservableType, values []string, limit int) (found []finding, cut bool, err error) {
	var more atomic.Bool
	ids, err := concurrently(ctx, attributes(t), func(ctx context.Context, name string) ([]string, error) {
		ids, err := d.list(ctx, criteria{name: equals(values...)}, limit)
		if len(ids) == limit {
			more.Store(true)
		}
		return ids, err
	})
	if err != nil {
		return nil, false, err
	}
	slices.Sort(ids)
	found, err = d.describe(ctx, slices.Compact(ids))
	return found, more.Load(), err
}

// about returns what a finding says about an observable.
func (f finding) about(o ctim.Observable, region string) ctim.Seen {
	seen := ctim.Seen{
		At: f.Service.EventFirstSeen.Time, Until: f.lastSeen(),
		Title: string(cmp.Or(f.Title, f.Type)), Text: string(f.Description), URL: f.url(region), Key: []string{string(f.ID)},
		Count: f.count(), Severity: f.severity(), Confidence: ctim.ConfidenceHigh,
		Internal: true, Sensor: ctim.SensorNetworkIPS, Targets: f.targets(), Relations: f.relations(), Data: f.table(),
		Disposition: f.judge(o), ValidUntil: f.lastSeen().AddDate(0, 0, ctim.ValidDays),
	}
	seen.Reason = seen.Title
	if f.Service.Archived {
		seen.Text += " This finding is archived."
	}
	if f.Type != "" {
		seen.PartOf = []ctim.Part{{
			ID: string(f.Type), Title: string(f.Type), Severity: f.severity(), Confidence: ctim.ConfidenceHigh,
			URL: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html",
		}}
	}
	return seen
}

// judge returns what a finding says of an observable, or 0. The account's own
// addresses are victims of what happened, whatever it was.
func (f finding) judge(o ctim.Observable) ctim.Disposition {
	switch {
	case bool(f.Service.Archived), !f.isRemote(o):
		return 0
	case len(f.Service.Evidence.ThreatIntelligenceDetails) > 0:
		return ctim.Malicious
	case number(f.Severity) >= 4:
		return ctim.Suspicious
	default:
		return 0
	}
}

// mentions reports whether an observable is in the finding.
func (f finding) mentions(o ctim.Observable) bool {
	return f.isRemote(o) || slices.Contains(f.addresses(), o)
}

// isRemote reports whether an observable is what the account's resources were in
// contact with.
func (f finding) isRemote(o ctim.Observable) bool {
	return strings.EqualFold(string(f.Service.Action.DNSRequestAction.Domain), o.Value) ||
		slices.ContainsFunc(f.connections(), func(c connection) bool { return c.RemoteIPDetails.observable() == o })
}

// table returns a row for each connection, or one if there is none.
func (f finding) table() ctim.Table {
	var lists []string
	for _, t := range f.Service.Evidence.ThreatIntelligenceDetails {
		lists = append(lists, string(t.ThreatListName))
	}
	connections := f.connections()
	if len(connections) == 0 {
		connections = []connection{{}}
	}
	table := ctim.Table{Columns: []string{"account", "region", "resource", "instance", "user", "domain", "remote address", "country", "city", "org", "asn", "asn org", "local port", "local port name", "threat lists"}}
	for _, c := range connections {
		r, resource := c.RemoteIPDetails, f.Resource
		var row []string
		for _, text := range []lenient.Text{
			f.AccountID, f.Region, resource.ResourceType, resource.InstanceDetails.InstanceID, resource.AccessKeyDetails.UserName,
			f.Service.Action.DNSRequestAction.Domain, lenient.Text(r.observable().Value), r.Country.CountryName, r.City.CityName,
			r.Organization.Org, r.Organization.ASN, r.Organization.ASNOrg, c.LocalPortDetails.Port, c.LocalPortDetails.PortName,
		} {
			row = append(row, string(text))
		}
		table.Rows = append(table.Rows, append(row, strings.Join(lists, ", ")))
	}
	return table.Compact()
}

// relations returns the connections between remote and local addresses.
func (f finding) relations() (all []ctim.Relation) {
	for _, c := range f.connections() {
		r := ctim.Relation{Relation: ctim.RelationConnectedTo, Source: c.RemoteIPDetails.observable(), Related: c.LocalIPDetails.observable()}
		if c.ConnectionDirection == "OUTBOUND" {
			r.Source, r.Related = r.Related, r.Source
		}
		if c.ConnectionDirection != "UNKNOWN" && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// addresses returns the addresses and names of the EC2 instance.
func (f finding) addresses() (all []ctim.Observable) {
	add := func(t ctim.ObservableType, values ...string) {
		for _, value := range values {
			if o := (ctim.Observable{Type: t, Value: value}); value != "" && !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	for _, nic := range f.Resource.InstanceDetails.NetworkInterfaces {
		add(ctim.TypeIP, string(nic.PrivateIPAddress), string(nic.PublicIP))
		for _, more := range nic.PrivateIPAddresses {
			add(ctim.TypeIP, string(more.PrivateIPAddress))
		}
		add(ctim.TypeIPv6, nic.IPv6Addresses...)
		add(ctim.TypeHostname, string(nic.PrivateDNSName), string(nic.PublicDNSName))
	}
	return all
}

// targets returns the EC2 instance.
func (f finding) targets() []ctim.Target {
	all, from, to := f.addresses(), f.Service.EventFirstSeen.Time, f.lastSeen()
	if len(all) == 0 || from.IsZero() || to.Before(from) {
		return nil
	}
	return []ctim.Target{{Type: ctim.SensorEndpoint, Observables: all, OS: string(f.Resource.InstanceDetails.Platform),
		ObservedTime: ctim.ObservedTime{Start: ctim.At(from), End: ctim.At(to)}}}
}
