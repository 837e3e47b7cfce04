package abusech

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/upstream"
)

// threatFox asks for indicators that are the observable or belong to that sample.
func threatFox(ctx context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, err error) {
	// An exact search for an address doesn't find it with a port.
	question := map[string]any{"query": "search_ioc", "search_term": o.Value, "exact_match": o.Type != ctim.TypeIP}
	isHash := o.Type == ctim.TypeMD5 || o.Type == ctim.TypeSHA256
	if isHash {
		question = map[string]any{"query": "search_hash", "hash": o.Value}
	}
	a, err := ask(ctx, call.At("abuse.ch ThreatFox", call.Settings.(settings).ThreatFox), upstream.Request{Path: "/api/v1/", Body: question})
	for _, i := range a.Data {
		about := i.observable()
		itself := strings.EqualFold(about.Value, o.Value)
		if !itself && !isHash {
			continue
		}
		role, kind, how := strings.ReplaceAll(string(cmp.Or(i.Threat, "activity")), "_", " "), ctim.IndicatorMalwareArtifacts, ctim.RelationRelatedTo
		switch i.Threat {
		case "botnet_cc":
			role, kind, how = "command and control", ctim.IndicatorC2, ctim.RelationConnectedTo
		case "payload_delivery":
			how = ctim.RelationDownloadedFrom
		}
		title := fmt.Sprintf("%s %s: %s", cmp.Or(i.Malware, "Malware"), role, i.IOC)
		seen := i.seen(title, "https://threatfox.abuse.ch/ioc/"+url.PathEscape(string(i.ID))+"/",
			family(i.Malware, role, "https://threatfox.abuse.ch/browse.php?search=malware:", kind))
		if !itself {
			seen.Relations = []ctim.Relation{{Relation: how, Source: o, Related: about}}
		}
		disposition, reason := ctim.Suspicious, fmt.Sprintf("ThreatFox: %s, confidence %s of 100", title, cmp.Or(i.Confidence, "0"))
		if percent, _ := strconv.Atoi(string(i.Confidence)); percent >= 75 {
			disposition, seen.Confidence = ctim.Malicious, ctim.ConfidenceHigh
		} else if percent < 50 {
			seen.Confidence = ctim.ConfidenceLow
		}
		f.Add(ctim.Finding{Disposition: disposition, Confidence: seen.Confidence, Reason: reason, Page: seen.URL, Seen: []ctim.Seen{seen}})
	}
	return f, err
}

// observable returns the observable of an indicator, whose type may be unknown to CTIM.
// For ip:port it is the address.
func (i item) observable() ctim.Observable {
	if a, err := netip.ParseAddrPort(string(i.IOC)); err == nil {
		return ctim.Address(a.Addr().String())
	}
	return ctim.Observable{Type: ctim.ObservableType(strings.TrimSuffix(string(i.IOCType), "_hash")), Value: string(i.IOC)}
}

// urlhaus asks about a URL, or about a host and the URLs there.
func urlhaus(ctx context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, err error) {
	what := "host"
	if o.Type == ctim.TypeURL {
		what = "url"
	}
	a, err := ask(ctx, call.At("abuse.ch URLhaus", call.Settings.(settings).URLhaus), upstream.Request{Path: "/v1/" + what + "/", Form: url.Values{what: {o.Value}}})
	if a.Status != "" && o.Type == ctim.TypeURL {
		a.URLs = append(a.URLs, a.item)
	}
	// Malware is also on hosts that are shared. A name is malicious only if Spamhaus lists
	// it as registered for that purpose.
	name := o.Type == ctim.TypeDomain || o.Type == ctim.TypeHostname
	for _, b := range a.Blacklists {
		if listed := string(b.Spamhaus); name && strings.HasSuffix(listed, "_domain") && listed != "spammer_domain" {
			f.Add(ctim.Finding{Disposition: ctim.Malicious, Reason: "URLhaus: at Spamhaus a " + listed, Page: "https://urlhaus.abuse.ch/host/" + o.Value + "/"})
		}
	}
	for _, u := range a.URLs {
		seen := u.download(o)
		one := ctim.Finding{Reason: "URLhaus: " + seen.Title, Page: seen.URL, Seen: []ctim.Seen{seen}}
		switch online := u.State == "online"; {
		case online && !name:
			one.Disposition = ctim.Malicious
		case online || o.Type == ctim.TypeURL:
			one.Disposition = ctim.Suspicious
		}
		f.Add(one)
	}
	return f, err
}

// download makes a sighting of a URL, for a question about it or its host.
func (i item) download(o ctim.Observable) ctim.Seen {
	seen := i.seen(fmt.Sprintf("Malware URL, %s", cmp.Or(i.State, "unknown")), "https://urlhaus.abuse.ch/url/"+url.PathEscape(string(i.ID))+"/", nil)
	if o.Type != ctim.TypeURL {
		seen.Relations = []ctim.Relation{{Relation: ctim.RelationContains, Source: ctim.Observable{Type: ctim.TypeURL, Value: string(i.URL)}, Related: o}}
	}
	for _, p := range i.Payloads[:min(len(i.Payloads), 20)] { // some URLs serve another file each time
		seen.PartOf = append(seen.PartOf, family(p.Signature, "download", "https://urlhaus.abuse.ch/browse.php?search=", ctim.IndicatorURLWatchlist)...)
		file := ctim.Observable{Type: ctim.TypeSHA256, Value: string(p.Served)}
		seen.Relations = append(seen.Relations, ctim.Relation{Relation: ctim.RelationDownloadedFrom, Source: file, Related: o})
	}
	return seen
}

// bazaar asks MalwareBazaar, which takes confirmed malware only, for the sample
// with that hash.
func bazaar(ctx context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, err error) {
	form := url.Values{"query": {"get_info"}, "hash": {o.Value}}
	a, err := ask(ctx, call.At("abuse.ch MalwareBazaar", call.Settings.(settings).Bazaar), upstream.Request{Path: "/api/v1/", Form: form})
	for _, i := range a.Data {
		title := string(cmp.Or(i.Signature, "Malware")) + " sample"
		seen := i.seen(title, "https://bazaar.abuse.ch/sample/"+url.PathEscape(string(i.SHA256))+"/",
			family(i.Signature, "sample", "https://bazaar.abuse.ch/browse.php?search=signature:", ctim.IndicatorFileHashWatchlist))
		for _, same := range []ctim.Observable{
			{Type: ctim.TypeSHA256, Value: string(i.SHA256)}, {Type: ctim.TypeSHA1, Value: string(i.SHA1)},
			{Type: ctim.TypeMD5, Value: string(i.MD5)}, {Type: ctim.TypeFileName, Value: string(i.File)},
		} {
			if same.Type != o.Type {
				seen.Relations = append(seen.Relations, ctim.Relation{Relation: ctim.RelationRelatedTo, Source: o, Related: same})
			}
		}
		seen.Confidence = ctim.ConfidenceHigh
		f.Add(ctim.Finding{Disposition: ctim.Malicious, Confidence: seen.Confidence, Reason: "MalwareBazaar: " + title, Page: seen.URL, Seen: []ctim.Seen{seen}})
	}
	return f, err
}
