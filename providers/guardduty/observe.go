package guardduty

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
)

const domainAttribute = "service.action.dnsRequestAction.domain"

// about returns criteria for findings with one of the values. Criteria can't have
// alternatives, so there is one for each attribute that may have a value of the type.
func about(t ctim.ObservableType, values ...string) (all []criteria) {
	attributes := []string{domainAttribute}
	const nic = "resource.instanceDetails.networkInterfaces."
	if t != ctim.TypeDomain {
		version := "V4"
		attributes = []string{nic + "publicIp", nic + "privateIpAddresses.privateIpAddress"}
		if t == ctim.TypeIPv6 {
			attributes, version = []string{nic + "ipv6Addresses"}, "V6"
		}
		for _, action := range []string{"networkConnectionAction", "awsApiCallAction", "portProbeAction.portProbeDetails", "kubernetesApiCallAction", "rdsLoginAttemptAction"} {
			attributes = append(attributes, "service.action."+action+".remoteIpDetails.ipAddress"+version)
		}
	}
	for _, name := range attributes {
		all = append(all, criteria{name: equals(values...)})
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
	values, limit := batch(call.Observables, o), batchLimit
	if len(values) == 1 {
		limit = call.Limit
	}
	found, cut, err := d.search(ctx, limit, about(o.Type, values...)...)
	if len(values) > 1 && (cut || err != nil) {
		values = []string{o.Value}
		found, _, err = d.search(ctx, call.Limit, about(o.Type, o.Value)...)
	}
	var all ctim.Finding
	for _, f := range found {
		if len(values) == 1 || f.mentions(o) {
			all.Seen = append(all.Seen, f.seen(o, d.region))
		}
	}
	return all, err
}

// batch returns the values that are searched for together with o: those of its type, up
// to 50, which is how many a condition may have.
func batch(observables []ctim.Observable, o ctim.Observable) []string {
	var values []string
	for _, other := range observables {
		if other.Type == o.Type && !slices.Contains(values, other.Value) {
			values = append(values, other.Value)
		}
	}
	start := slices.Index(values, o.Value) / 50 * 50
	return values[start:min(start+50, len(values))]
}

// seen returns the finding as a sighting of an observable.
func (f finding) seen(o ctim.Observable, region string) ctim.Seen {
	seen := ctim.Seen{
		At: f.Service.EventFirstSeen.Time, Until: f.lastSeen(),
		Title: string(cmp.Or(f.Title, f.Type)), Text: string(f.Description), URL: f.url(region), Key: []string{string(f.ID)},
		Count: f.count(), Severity: f.severity(), Confidence: ctim.ConfidenceHigh,
		Internal: true, Sensor: ctim.SensorNetworkIPS, Relations: f.relations(), Data: f.table(),
		Device: f.addresses(), OS: string(f.Resource.InstanceDetails.Platform),
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
	case f.Severity >= 4:
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
		row := ctim.Row(
			f.AccountID, f.Region, resource.ResourceType, resource.InstanceDetails.InstanceID, resource.AccessKeyDetails.UserName,
			f.Service.Action.DNSRequestAction.Domain, r.ip(), r.Country.CountryName, r.City.CityName,
			r.Organization.Org, r.Organization.ASN, r.Organization.ASNOrg, c.LocalPortDetails.Port, c.LocalPortDetails.PortName,
		)
		table.Rows = append(table.Rows, append(row, strings.Join(lists, ", ")))
	}
	return table
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

// addresses returns the addresses and names of the EC2 instance, some of them twice or
// without a value.
func (f finding) addresses() (all []ctim.Observable) {
	for _, nic := range f.Resource.InstanceDetails.NetworkInterfaces {
		all = append(all, ctim.Address(string(nic.PrivateIPAddress)), ctim.Address(string(nic.PublicIP)))
		for _, more := range nic.PrivateIPAddresses {
			all = append(all, ctim.Address(string(more.PrivateIPAddress)))
		}
		for _, ip := range nic.IPv6Addresses {
			all = append(all, ctim.Address(ip))
		}
		for _, name := range ctim.Row(nic.PrivateDNSName, nic.PublicDNSName) {
			all = append(all, ctim.Observable{Type: ctim.TypeHostname, Value: name})
		}
	}
	return all
}
