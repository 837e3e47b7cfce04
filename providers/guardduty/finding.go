package guardduty

import (
	"cmp"
	"net/url"
	"slices"
	"time"

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
		// Count is how often the activity was seen.
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

// address is an address. What is known about it is empty for local ones.
type address struct {
	IPAddressV4, IPAddressV6 lenient.Text
	City                     struct{ CityName lenient.Text }
	Country                  struct{ CountryName lenient.Text }
	GeoLocation              struct{ Lat, Lon lenient.Text }
	Organization             struct{ ASN, ASNOrg, Org lenient.Text }
}

func (a address) ip() lenient.Text { return cmp.Or(a.IPAddressV4, a.IPAddressV6) }

// observable returns the address. Its value is empty if there is none.
func (a address) observable() ctim.Observable { return ctim.Address(string(a.ip())) }

// connections returns the connections with remote addresses.
func (f finding) connections() []connection {
	a := f.Service.Action
	all := append(slices.Clone(a.PortProbeAction.PortProbeDetails), a.NetworkConnectionAction, a.AWSAPICallAction, a.KubernetesAPICallAction, a.RDSLoginAttemptAction)
	return slices.DeleteFunc(all, func(c connection) bool { return c.RemoteIPDetails.observable().Value == "" })
}

// count returns how often the activity was seen, at least once.
func (f finding) count() int { return int(max(f.Service.Count, 1)) }

func (f finding) lastSeen() time.Time {
	return cmp.Or(f.Service.EventLastSeen.Time, f.UpdatedAt.Time)
}

// severity returns the level that GuardDuty's console shows:
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
func (f finding) severity() ctim.Severity {
	switch n := f.Severity; {
	case n >= 9:
		return ctim.SeverityCritical
	case n >= 7:
		return ctim.SeverityHigh
	case n >= 4:
		return ctim.SeverityMedium
	case n >= 1:
		return ctim.SeverityLow
	default:
		return ctim.SeverityUnknown
	}
}

// url returns the finding's page in the AWS console.
func (f finding) url(region string) string {
	id := url.QueryEscape(string(f.ID))
	return consoleURL(region, "guardduty", "findings?macros=all&fId="+id+"&search=id%3D"+id)
}
