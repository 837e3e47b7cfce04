package akamai

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
)

// networkList is one of Akamai's network lists. Its version is a number that grows with
// each change.
type networkList struct {
	ID         lenient.Text `json:"uniqueId"`
	Name       lenient.Text `json:"name"`
	Version    lenient.Text `json:"syncPoint"`
	ReadOnly   lenient.Flag `json:"readOnly"`
	Staging    lenient.Text `json:"stagingActivationStatus"`
	Production lenient.Text `json:"productionActivationStatus"`
	Elements   elements     `json:"list"`
}

// status returns Akamai's word for the state of the list's newest version in staging or
// production, such as "active" or "modified": an earlier version is active.
func (n networkList) status(environment string) string {
	status := map[string]lenient.Text{staging: n.Staging, production: n.Production}[environment]
	return strings.ToLower(strings.ReplaceAll(string(status), "_", " "))
}

// lists are the lists that the caller may change. They are decoded one by one, because
// their elements may be many megabytes.
type lists struct {
	wanted []netip.Addr
	all    []networkList
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *lists) UnmarshalJSON(raw []byte) error {
	l.all = []networkList{}
	w := lenient.NewWalker(raw)
	return w.Array(func(int) error {
		n := networkList{Elements: elements{wanted: l.wanted}}
		err := w.Decode(&n)
		if n.ID != "" && !bool(n.ReadOnly) {
			l.all = append(l.all, n)
		}
		return err
	})
}

// elements are the elements of a list that contain a wanted address.
type elements struct {
	wanted []netip.Addr
	found  map[netip.Addr]membership
}

// membership describes how a list contains an address. alone is the address itself, in
// the list's spelling. around is a network that contains the address. Both are empty if
// the list doesn't contain it.
type membership struct{ alone, around string }

// UnmarshalJSON implements json.Unmarshaler.
func (e *elements) UnmarshalJSON(raw []byte) error {
	e.found = map[netip.Addr]membership{}
	w := lenient.NewWalker(raw)
	return w.Array(func(int) error {
		var element lenient.Text
		err := w.Decode(&element)
		network, invalid := netip.ParsePrefix(string(element))
		if a, notAlone := netip.ParseAddr(string(element)); notAlone == nil {
			network, invalid = a.Prefix(a.BitLen())
		}
		for _, a := range e.wanted {
			switch m := e.found[a]; {
			case invalid != nil || !network.Contains(a):
			case network.IsSingleIP():
				e.found[a] = membership{string(element), m.around}
			default:
				e.found[a] = membership{m.alone, string(element)}
			}
		}
		return err
	})
}

// listsPath is the path of all lists.
const listsPath = "/network-list/v2/network-lists"

// listPath returns the path of a list, or of a part of it.
func listPath(id, part string) string { return listsPath + "/" + url.PathEscape(id) + part }
