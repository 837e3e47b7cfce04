package watchlist

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// searchPage is a page of a public site that looks up observables of these types.
type searchPage struct {
	site  string // in WATCHLIST_SEARCH
	title string
	types []ctim.ObservableType
	url   string // {value} is the place of the value
}

type types = []ctim.ObservableType

var (
	addresses = types{ctim.TypeIP, ctim.TypeIPv6}
	names     = types{ctim.TypeDomain, ctim.TypeHostname}
	hosts     = types{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname}
	hashes    = types{ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256}
)

var searchPages = []searchPage{
	{"virustotal", "VirusTotal", hosts, "https://www.virustotal.com/gui/search/{value}"},
	{"virustotal", "VirusTotal", types{ctim.TypeURL}, "https://www.virustotal.com/gui/search/{value}"},
	{"virustotal", "VirusTotal", hashes, "https://www.virustotal.com/gui/file/{value}"},
	{"urlscan", "urlscan.io", addresses, "https://urlscan.io/ip/{value}"},
	{"urlscan", "urlscan.io", names, "https://urlscan.io/domain/{value}"},
	{"urlscan", "urlscan.io", types{ctim.TypeURL}, "https://urlscan.io/search/#page.url:%22{value}%22"},
	{"urlscan", "urlscan.io", types{ctim.TypeSHA256}, "https://urlscan.io/search/#hash:{value}"},
	{"abuseipdb", "AbuseIPDB", hosts, "https://www.abuseipdb.com/check/{value}"},
	{"shodan", "Shodan", addresses, "https://www.shodan.io/host/{value}"},
	{"shodan", "Shodan", types{ctim.TypeDomain}, "https://www.shodan.io/domain/{value}"},
	{"shodan", "Shodan", types{ctim.TypeHostname}, "https://www.shodan.io/search?query=hostname:{value}"},
	{"crtsh", "crt.sh", names, "https://crt.sh/?q={value}"},
	{"talos", "Cisco Talos", hosts, "https://talosintelligence.com/reputation_center/lookup?search={value}"},
	{"talos", "Cisco Talos", types{ctim.TypeSHA256}, "https://talosintelligence.com/talos_file_reputation?s={value}"},
	{"malwarebazaar", "MalwareBazaar", types{ctim.TypeMD5}, "https://bazaar.abuse.ch/browse.php?search=md5:{value}"},
	{"malwarebazaar", "MalwareBazaar", types{ctim.TypeSHA1}, "https://bazaar.abuse.ch/browse.php?search=sha1:{value}"},
	{"malwarebazaar", "MalwareBazaar", types{ctim.TypeSHA256}, "https://bazaar.abuse.ch/sample/{value}/"},
	{"urlhaus", "URLhaus", types{ctim.TypeIP, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL}, "https://urlhaus.abuse.ch/browse.php?search={value}"},
}

// SearchPages returns the names that WATCHLIST_SEARCH may contain, sorted.
func SearchPages() []string {
	sites := make([]string, len(searchPages))
	for i, page := range searchPages {
		sites[i] = page.site
	}
	slices.Sort(sites)
	return slices.Compact(sites)
}

func checkSearch(sites []string) error {
	known := SearchPages()
	for _, site := range sites {
		if !slices.Contains(known, site) {
			return fmt.Errorf("setting WATCHLIST_SEARCH is neither none nor a list of: %s", strings.Join(known, ", "))
		}
	}
	return nil
}

// searchLinks returns links to the sites' pages about a normalized observable. There
// are none for an address that isn't public, such as 10.0.0.1.
func searchLinks(sites []string, o ctim.Observable) []relay.Link {
	if address, err := netip.ParseAddr(o.Value); err == nil && !upstream.IsPublic(address) {
		return nil
	}
	var links []relay.Link
	for _, site := range sites {
		for _, page := range searchPages {
			if page.site != site || !slices.Contains(page.types, o.Type) {
				continue
			}
			links = append(links, relay.Link{
				ID:          fmt.Sprintf("ref-%s-%s-%s", site, o.Type, url.PathEscape(o.Value)),
				Title:       "Search " + page.title,
				Description: "Look up this " + o.Type.Noun() + " on " + page.title,
				URL:         strings.ReplaceAll(page.url, "{value}", url.QueryEscape(o.Value)),
				Categories:  []string{"Search", page.title},
			})
		}
	}
	return links
}

// appendSource appends a link to the page about the matching entry, unless the link is
// there already or is unsafe to follow.
func appendSource(links []relay.Link, m match) []relay.Link {
	page := ctim.WebURL(m.entry.SourceURL)
	if page == "" {
		return links
	}
	source := m.entry.Source
	link := relay.Link{
		ID:          "ref-watchlist-source-" + url.PathEscape(page),
		Title:       "Open " + cmp.Or(m.entry.Title, source),
		Description: "Show the page of " + source + " about this " + m.asked.Type.Noun(),
		URL:         page,
		Categories:  []string{"Watchlist", source},
	}
	if slices.ContainsFunc(links, func(other relay.Link) bool { return other.ID == link.ID }) {
		return links
	}
	return append(links, link)
}
