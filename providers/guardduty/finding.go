package guardduty

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
)

// finding is GuardDuty's report of suspicious activity:
// https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html
type finding struct {
	ID, Type, Title, Description, AccountID, Region lenient.Text
	// Severity is from 1 to 10.
	Severity  lenient.Int
	UpdatedAt lenient.Time
	Resource  struct {
		ResourceType     lenient.Text
		AccessKeyDetails struct{ UserName lenient.Text }
		InstanceDetails  struct {
			InstanceID, Platform lenient.Text
			NetworkInterfaces    lenient.List[struct {
				PublicIP, PrivateIPAddress, PublicDNSName, PrivateDNSName lenient.Text
				IPv6Addresses                                             lenient.Texts
				PrivateIPAddresses                                        lenient.List[struct{ PrivateIPAddress lenient.Text }]
			}]
		}
	}
	Service struct {
		// Archived: an analyst or a suppression rule put the finding aside.
		Archived lenient.Flag
		// Count is how often the activity was seen, at least once.
		Count                         lenient.Int
		EventFirstSeen, EventLastSeen lenient.Time
		// Action is the activity. Only one of its fields is set.
		Action struct {
			NetworkConnectionAction, AWSAPICallAction, KubernetesAPICallAction, RDSLoginAttemptAction connection

			PortProbeAction  struct{ PortProbeDetails lenient.List[connection] }
			DNSRequestAction struct{ Domain lenient.Text }
		}
		Evidence struct {
			ThreatIntelligenceDetails lenient.List[struct{ ThreatListName lenient.Text }]
		}
	}
}

// connection is a connection of a remote address with the account.
type connection struct {
	RemoteIPDetails, LocalIPDetails address
	LocalPortDetails                struct{ Port, PortName lenient.Text }
	// ConnectionDirection is INBOUND, OUTBOUND or UNKNOWN. Port probes, which are
	// inbound, have none.
	ConnectionDirection lenient.Text
}

// address is an IP address. Local ones have no details.
type address struct {
	IPAddressV4, IPAddressV6 lenient.Text
	City                     struct{ CityName lenient.Text }
	Country                  struct{ CountryName lenient.Text }
	GeoLocation              struct{ Lat, Lon lenient.Text }
	Organization             struct{ ASN, ASNOrg, Org lenient.Text }
}

// observable returns the address. Its value is empty if there is none.
func (a address) observable() ctim.Observable {
	return ctim.Address(string(cmp.Or(a.IPAddressV4, a.IPAddressV6)))
}

// connections returns the connections with remote addresses.
func (f finding) connections() []connection {
	a := f.Service.Action
	all := append(slices.Clone(a.PortProbeAction.PortProbeDetails), a.NetworkConnectionAction, a.AWSAPICallAction, a.KubernetesAPICallAction, a.RDSLoginAttemptAction)
	return slices.DeleteFunc(all, func(c connection) bool { return c.RemoteIPDetails.observable().Value == "" })
}

// levels are the severities in GuardDuty's console, and the least number of each:
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
var levels = []struct {
	from     lenient.Int
	severity ctim.Severity
}{{9, ctim.SeverityCritical}, {7, ctim.SeverityHigh}, {4, ctim.SeverityMedium}, {1, ctim.SeverityLow}, {math.MinInt, ctim.SeverityUnknown}}

func (f finding) severity() ctim.Severity {
	level := 0
	for f.Severity < levels[level].from {
		level++
	}
	return levels[level].severity
}

// url returns the finding's page in the AWS console.
func (f finding) url() string {
	id := url.QueryEscape(string(f.ID))
	return consoleURL(string(f.Region), "guardduty", "/findings?macros=all&fId="+id+"&search=id%3D"+id)
}

// seen returns the finding as a sighting of an observable.
func (f finding) seen(o ctim.Observable) ctim.Seen {
	seen := ctim.Seen{
		At: f.Service.EventFirstSeen.Time, Until: f.Service.EventLastSeen.Time,
		Title: string(cmp.Or(f.Title, f.Type)), Text: string(f.Description), URL: f.url(), Key: []string{string(f.ID)},
		Count: int(f.Service.Count), Severity: f.severity(), Confidence: ctim.ConfidenceHigh,
		Internal: true, Sensor: ctim.SensorNetworkIPS, Relations: f.relations(), Data: f.table(),
		Device: f.addresses(), OS: string(f.Resource.InstanceDetails.Platform),
		Disposition: f.judge(o), Reason: string(cmp.Or(f.Title, f.Type)), ValidUntil: f.Service.EventLastSeen.AddDate(0, 0, ctim.ValidDays),
		PartOf: []ctim.Part{{
			ID: string(f.Type), Title: string(f.Type), Severity: f.severity(), Confidence: ctim.ConfidenceHigh,
			URL: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html",
		}},
	}
	if f.Service.Archived {
		seen.Text += " This finding is archived."
	}
	return seen
}

// judge returns a finding's judgement of an observable, or 0. The account's own addresses
// are victims, so they get none.
func (f finding) judge(o ctim.Observable) ctim.Disposition {
	switch {
	case bool(f.Service.Archived), !slices.Contains(f.remotes(), o):
		return 0
	case len(f.Service.Evidence.ThreatIntelligenceDetails) > 0:
		return ctim.Malicious
	case f.Severity >= 4:
		return ctim.Suspicious
	default:
		return 0
	}
}

// remotes returns the domain and the addresses that the account was in contact with.
func (f finding) remotes() []ctim.Observable {
	all := []ctim.Observable{{Type: ctim.TypeDomain, Value: strings.ToLower(string(f.Service.Action.DNSRequestAction.Domain))}}
	for _, c := range f.connections() {
		all = append(all, c.RemoteIPDetails.observable())
	}
	return all
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
			f.Service.Action.DNSRequestAction.Domain, lenient.Text(r.observable().Value), r.Country.CountryName, r.City.CityName,
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
