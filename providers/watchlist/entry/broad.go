package entry

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/serverless-relay/relay/shared/ctim"
)

// publicResolvers are name servers that anybody may use.
var publicResolvers = []string{
	"1.0.0.1", "1.1.1.1", "8.8.4.4", "8.8.8.8", "9.9.9.9", "149.112.112.112", "208.67.220.220", "208.67.222.222", "94.140.14.14", "94.140.15.15",
	"2001:4860:4860::8844", "2001:4860:4860::8888", "2606:4700:4700::1001", "2606:4700:4700::1111", "2620:fe::9", "2620:fe::fe",
}

// biggestNames are domains that nearly everybody's devices use.
var biggestNames = []string{
	"akamai.net", "akamaiedge.net", "amazon.com", "amazonaws.com", "apple.com", "azure.com", "bing.com", "cisco.com", "cloudflare.com", "cloudfront.net", "facebook.com",
	"fastly.net", "fbcdn.net", "github.com", "gmail.com", "google.com", "googleapis.com", "googleusercontent.com", "gstatic.com", "icloud.com", "instagram.com", "linkedin.com",
	"live.com", "microsoft.com", "microsoftonline.com", "netflix.com", "office.com", "office365.com", "outlook.com", "root-servers.net", "twitter.com", "whatsapp.com",
	"wikipedia.org", "windows.com", "windowsupdate.com", "x.com", "yahoo.com", "youtube.com", "zoom.us",
}

// TooBroad returns why an entry would concern nearly everybody: it is about a public
// suffix such as co.uk, a private or enormous network, a public resolver, or one of the
// biggest names. It returns "" for other entries, for clean ones, and for groups.
func TooBroad(e Entry) string {
	if len(e.With) > 0 || e.Disposition == ctim.Clean {
		return ""
	}
	value := e.Observable.Value
	switch e.Observable.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return broadAddress(value)
	case ctim.TypeDomain, ctim.TypeHostname:
		if suffix, known := publicsuffix.PublicSuffix(value); known && suffix == value {
			return "a public suffix: it concerns nearly everybody"
		}
		if slices.Contains(biggestNames, strings.TrimPrefix(value, "www.")) {
			return "one of the biggest names: it concerns nearly everybody"
		}
	}
	return ""
}

func broadAddress(value string) string {
	network, err := netip.ParsePrefix(value)
	if err != nil {
		address, err := netip.ParseAddr(value)
		if err != nil {
			return ""
		}
		network = netip.PrefixFrom(address, address.BitLen())
	}
	a, enormous := network.Addr(), 8
	if a.Is6() {
		enormous = 19
	}
	switch {
	case network.Bits() < enormous:
		return "an enormous network: it concerns nearly everybody"
	case a.IsPrivate(), a.IsLoopback(), a.IsLinkLocalUnicast(), a.IsUnspecified(), a.IsMulticast():
		return "a private address or network: every network has its own machine there"
	case slices.Contains(publicResolvers, value):
		return "a public resolver: it concerns nearly everybody"
	}
	return ""
}
