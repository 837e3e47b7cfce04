package watchlist

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// searchPage is a public site that looks up observables.
type searchPage struct {
	title string
	// pages are URLs by observable type. {value} is the place of the value.
	pages map[ctim.ObservableType]string
}

// searchPages returns the sites by their names in WATCHLIST_SEARCH.
func searchPages() map[string]searchPage {
	hashes := func(page string) map[ctim.ObservableType]string {
		return map[ctim.ObservableType]string{ctim.TypeMD5: page, ctim.TypeSHA1: page, ctim.TypeSHA256: page}
	}
	hosts := func(page string) map[ctim.ObservableType]string {
		return map[ctim.ObservableType]string{ctim.TypeIP: page, ctim.TypeIPv6: page, ctim.TypeDomain: page, ctim.TypeHostname: page}
	}
	with := func(all ...map[ctim.ObservableType]string) map[ctim.ObservableType]string {
		out := map[ctim.ObservableType]string{}
		for _, some := range all {
			maps.Copy(out, some)
		}
		return out
	}
	return map[string]searchPage{
		"virustotal": {"VirusTotal", with(
			hosts("https://www.virustotal.com/gui/search/{value}"),
			hashes("https://www.virustotal.com/gui/file/{value}"),
			map[ctim.ObservableType]string{ctim.TypeURL: "https://www.virustotal.com/gui/search/{value}"})},
		"urlscan": {"urlscan.io", map[ctim.ObservableType]string{
			ctim.TypeIP:       "https://urlscan.io/ip/{value}",
			ctim.TypeIPv6:     "https://urlscan.io/ip/{value}",
			ctim.TypeDomain:   "https://urlscan.io/domain/{value}",
			ctim.TypeHostname: "https://urlscan.io/domain/{value}",
			ctim.TypeURL:      "https://urlscan.io/search/#page.url:%22{value}%22",
			ctim.TypeSHA256:   "https://urlscan.io/search/#hash:{value}"}},
		"abuseipdb": {"AbuseIPDB", with(hosts("https://www.abuseipdb.com/check/{value}"))},
		"shodan": {"Shodan", map[ctim.ObservableType]string{
			ctim.TypeIP:       "https://www.shodan.io/host/{value}",
			ctim.TypeIPv6:     "https://www.shodan.io/host/{value}",
			ctim.TypeDomain:   "https://www.shodan.io/domain/{value}",
			ctim.TypeHostname: "https://www.shodan.io/search?query=hostname:{value}"}},
		"crtsh": {"crt.sh", map[ctim.ObservableType]string{
			ctim.TypeDomain:   "https://crt.sh/?q={value}",
			ctim.TypeHostname: "https://crt.sh/?q={value}"}},
		"talos": {"Cisco Talos", with(
			hosts("https://talosintelligence.com/reputation_center/lookup?search={value}"),
			map[ctim.ObservableType]string{ctim.TypeSHA256: "https://talosintelligence.com/talos_file_reputation?s={value}"})},
		"malwarebazaar": {"MalwareBazaar", map[ctim.ObservableType]string{
			ctim.TypeMD5:    "https://bazaar.abuse.ch/browse.php?search=md5:{value}",
			ctim.TypeSHA1:   "https://bazaar.abuse.ch/browse.php?search=sha1:{value}",
			ctim.TypeSHA256: "https://bazaar.abuse.ch/sample/{value}/"}},
		"urlhaus": {"URLhaus", map[ctim.ObservableType]string{
			ctim.TypeIP:       "https://urlhaus.abuse.ch/browse.php?search={value}",
			ctim.TypeDomain:   "https://urlhaus.abuse.ch/browse.php?search={value}",
			ctim.TypeHostname: "https://urlhaus.abuse.ch/browse.php?search={value}",
			ctim.TypeURL:      "https://urlhaus.abuse.ch/browse.php?search={value}"}},
	}
}

// SearchPages returns the names that WATCHLIST_SEARCH may contain, sorted.
func SearchPages() []string { return slices.Sorted(maps.Keys(searchPages())) }

func checkSearch(names []string) error {
	known := searchPages()
	for _, name := range names {
		if _, ok := known[name]; !ok {
			return fmt.Errorf("setting WATCHLIST_SEARCH is neither none nor a list of: %s", strings.Join(SearchPages(), ", "))
		}
	}
	return nil
}

// searchLinks returns links to the named sites' pages about a normalized
// observable. There are none for an address that isn't public, such as 10.0.0.1.
func searchLinks(names []string, o ctim.Observable) []relay.Link {
	if address, err := netip.ParseAddr(o.Value); err == nil && !upstream.IsPublic(address) {
		return nil
	}
	known := searchPages()
	var links []relay.Link
	for _, name := range names {
		page, ok := known[name].pages[o.Type]
		if !ok {
			continue
		}
		title := known[name].title
		links = append(links, relay.Link{
			ID:          fmt.Sprintf("ref-%s-%s-%s", name, o.Type, url.PathEscape(o.Value)),
			Title:       "Search " + title,
			Description: "Look up this " + o.Type.Noun() + " on " + title,
			URL:         strings.ReplaceAll(page, "{value}", url.QueryEscape(o.Value)),
			Categories:  []string{"Search", title},
		})
	}
	return links
}

// appendSource appends a link to the page about the matching entry, unless the link is
// there already or is unsafe to follow.
func appendSource(links []relay.Link, m match) []relay.Link {
	page := normalize.WebURL(m.entry.SourceURL)
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
