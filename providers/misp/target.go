package misp

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/normalize"
)

// target is an observable that is looked for.
type target struct {
	// asked is as the platform wrote it: it wants that back.
	asked, normal ctim.Observable
}

// newTarget is an error where the value can't be one of its type.
func newTarget(o ctim.Observable) (target, error) {
	normal, err := normalize.Observable(o)
	return target{o, normal}, err
}

// spellings are the values to search for. MISP stores addresses, names, hashes
// and e-mail addresses in the normal form that the relay has too, and compares
// without regard to case. URLs it stores as they come.
func (t target) spellings() []string {
	if t.normal.Type != ctim.TypeURL {
		return []string{t.normal.Value}
	}
	all := []string{t.normal.Value}
	bare := t.normal.Value
	if strings.Count(bare, "/") == 3 {
		bare = strings.TrimSuffix(bare, "/") // "http://a.example/" and "http://a.example" are one
	}
	for _, more := range []string{strings.TrimSpace(t.asked.Value), bare} {
		known := false
		for _, value := range all {
			known = known || strings.EqualFold(value, more)
		}
		if !known {
			all = append(all, more)
		}
	}
	return all
}

// in finds the part of an attribute that is the observable.
func (t target) in(a misp.Attribute) (misp.Part, bool) {
	parts, _ := a.Parts()
	for _, part := range parts {
		if class(part.Observable.Type) != class(t.normal.Type) {
			continue
		}
		if normal, err := normalize.Observable(part.Observable); err == nil && t.is(normal) {
			return part, true
		}
	}
	return misp.Part{}, false
}

// is says whether an observable in its normal form is the one that is looked
// for.
func (t target) is(normal ctim.Observable) bool {
	if class(normal.Type) == ctim.TypeFileName {
		return strings.EqualFold(normal.Value, t.normal.Value) // as Windows compares
	}
	return normal.Value == t.normal.Value
}

// class is the type that stands for those whose values are the same kind of
// thing: MISP and the platform don't draw the same lines between them.
func class(t ctim.ObservableType) ctim.ObservableType {
	switch t {
	case ctim.TypeIPv6:
		return ctim.TypeIP
	case ctim.TypeHostname:
		return ctim.TypeDomain
	case ctim.TypeFilePath:
		return ctim.TypeFileName
	default:
		return t
	}
}
