package formats

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
)

// match has the observables that an alternative of a pattern needs.
type match struct {
	// groups are sets of observables. The alternative matches if all observables of
	// one group are seen. There are several if a file has several hashes.
	groups [][]ctim.Observable
	// notes are the rest of the alternative in words, such as "Port: 80".
	notes []string
}

// maxGroups is the largest number of groups of an alternative.
const maxGroups = 100

// matchOf returns the match of an alternative. The error is the reason why it can't be
// matched. An AND narrows only if its operands name different things: each hash of a
// file identifies the file, and a port, a size or a custom property only describes a
// thing that is named.
func matchOf(a stixpattern.Alternative) (m match, err error) {
	if a.Obstacle != "" {
		return match{}, errors.New(a.Obstacle)
	}
	// named are the named things, in the pattern's order.
	var named []subject
	name := func(c stixpattern.Comparison) {
		member, memberErr := memberOf(c)
		if memberErr != nil {
			err = cmp.Or(err, memberErr)
			return
		}
		id := subjectOf(c, member)
		at := slices.IndexFunc(named, func(s subject) bool { return s.id == id })
		if at < 0 {
			at = len(named)
			named = append(named, subject{id: id})
		}
		if s := &named[at]; !slices.Contains(s.observables, member) {
			s.observables = append(s.observables, member)
		}
	}
	var others []stixpattern.Comparison
	for _, c := range a.Comparisons {
		if _, isAbout := describe(c); len(a.Comparisons) > 1 && isAbout != nil {
			others = append(others, c)
		} else {
			name(c)
		}
	}
	for _, c := range others {
		if note, isAbout := describe(c); slices.ContainsFunc(named, isAbout) {
			m.notes = append(m.notes, note)
		} else {
			name(c)
		}
	}
	switch {
	case err != nil && len(a.Comparisons) > 1:
		return match{}, fmt.Errorf("AND with a part that can't be matched: %w", err)
	case err != nil:
		return match{}, err
	}
	m.groups = [][]ctim.Observable{nil}
	for _, s := range named {
		var more [][]ctim.Observable
		for _, group := range m.groups {
			for _, o := range s.observables {
				more = append(more, append(slices.Clip(group), o))
			}
		}
		if m.groups = more; len(more) > maxGroups {
			return match{}, stixpattern.ErrTooMany
		}
	}
	return m, nil
}

// subject is a thing that a pattern names by one of its observables.
type subject struct {
	id          string
	observables []ctim.Observable
}

// is reports whether the subject has an observable of one of the types.
func (s subject) is(types ...ctim.ObservableType) bool {
	return slices.ContainsFunc(s.observables, func(o ctim.Observable) bool { return slices.Contains(types, o.Type) })
}

// subjectOf identifies the thing that a comparison names. Hashes of one file have the
// same subject. Every other value is a subject of its own.
func subjectOf(c stixpattern.Comparison, o ctim.Observable) string {
	if hashes := len(c.Path.Steps) - 1; family(o.Type) == anyHash && hashes > 0 {
		return fileOf(c, hashes-1)
	}
	return string(o.Type) + "\x00" + o.Value
}

// fileOf identifies the file to which the first steps of a path lead.
func fileOf(c stixpattern.Comparison, steps int) string {
	path := stixpattern.Path{Object: c.Path.Object, Steps: c.Path.Steps[:steps]}
	return fmt.Sprintf("%d %s", c.Observation, path)
}

// describe returns the note for a comparison that only describes a subject, or "" if
// there is none. isAbout reports whether a subject is the one. It is nil for comparisons
// that name something.
func describe(c stixpattern.Comparison) (note string, isAbout func(subject) bool) {
	last := len(c.Path.Steps) - 1
	step, before := c.Path.Steps[last], ""
	if last > 0 {
		before = strings.TrimSuffix(c.Path.Steps[last-1], "[*]") // some publishers write hashes[*]
	}
	isCustom := slices.ContainsFunc(c.Path.Steps, func(step string) bool { return strings.HasPrefix(step, "x_") })
	label := ""
	switch path := c.Path.String(); {
	case isCustom, step == "type" && strings.Contains(before, "_ref"):
		isAbout = func(subject) bool { return true }
	case c.Path.Object == "file" || c.Path.Object == "artifact":
		file := fileOf(c, last)
		if before == "hashes" {
			if _, known := hashType(step); known {
				return "", nil
			}
			file = fileOf(c, last-1)
		}
		if step == "name" {
			label = "File name: "
		}
		isAbout = func(s subject) bool { return s.id == file }
	case c.Path.Object == "windows-registry-key" && step != "key":
		if step == "name" {
			label = "Registry value: "
		}
		isAbout = func(s subject) bool { return s.is(ctim.TypeRegistryKey) }
	case c.Path.Object == "email-addr" && step != "value":
		isAbout = func(s subject) bool { return s.is(ctim.TypeEmail) }
	case c.Path.Object == "network-traffic" && !strings.HasSuffix(path, "_ref.value") && !strings.Contains(path, "request_header"):
		label = map[string]string{"dst_port": "Port: ", "src_port": "Source port: "}[step]
		isAbout = func(s subject) bool {
			return s.is(ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL)
		}
	}
	if label != "" && c.Operator == stixpattern.Equal && !c.Negated && len(c.Values) == 1 {
		note = label + shown(c.Values[0].Text)
	}
	return note, isAbout
}

// memberOf returns the observable of a comparison. The error is the reason why it can't
// be matched.
func memberOf(c stixpattern.Comparison) (ctim.Observable, error) {
	kind, known := pathType(c.Path)
	switch {
	case !known:
		return ctim.Observable{}, errors.New(shown(c.Path.String()) + " is not an observable")
	case c.Negated:
		return ctim.Observable{}, errors.New("NOT can't be matched")
	case c.Operator == stixpattern.Like, c.Operator == stixpattern.Matches:
		return ctim.Observable{}, errors.New(string(c.Operator) + " can't be matched exactly")
	case c.Operator == stixpattern.IsSubset && (kind == ctim.TypeIP || kind == ctim.TypeIPv6):
	case c.Operator != stixpattern.Equal:
		return ctim.Observable{}, errors.New(string(c.Operator) + " can't be matched")
	}
	switch c.Values[0].Kind {
	case stixpattern.String, stixpattern.Integer, stixpattern.Hex:
	default:
		return ctim.Observable{}, errors.New("the value is not a text")
	}
	r, err := readValue(kind, c.Values[0].Text)
	if err == nil && r.subdomains {
		err = errors.New("a wildcard, which = compares literally")
	}
	return r.observable, err
}

// typePaths are the paths of STIX 2.1 for types of observables. Other types have a path
// below extensionObject.
var typePaths = map[ctim.ObservableType]string{
	ctim.TypeIP:                "ipv4-addr:value",
	ctim.TypeIPv6:              "ipv6-addr:value",
	ctim.TypeDomain:            "domain-name:value",
	ctim.TypeHostname:          "domain-name:value",
	ctim.TypeURL:               "url:value",
	ctim.TypeMD5:               "file:hashes.MD5",
	ctim.TypeSHA1:              "file:hashes.'SHA-1'",
	ctim.TypeSHA256:            "file:hashes.'SHA-256'",
	ctim.TypeFileName:          "file:name",
	ctim.TypeEmail:             "email-addr:value",
	ctim.TypeEmailSubject:      "email-message:subject",
	ctim.TypeEmailMessageID:    "email-message:message_id",
	ctim.TypeMutex:             "mutex:name",
	ctim.TypeMACAddress:        "mac-addr:value",
	ctim.TypeRegistryKey:       "windows-registry-key:key",
	ctim.TypeProcessArgs:       "process:command_line",
	ctim.TypeUser:              "user-account:account_login",
	ctim.TypeUserAgent:         "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
	ctim.TypeCertificateSerial: "x509-certificate:serial_number",
	ctim.TypeCertificateIssuer: "x509-certificate:issuer",
}

// pathTypes are the types of the values at object paths in lower case, without quotes:
// typePaths, and paths that are only read.
var pathTypes = func() map[string]ctim.ObservableType {
	types := map[string]ctim.ObservableType{}
	for t, path := range typePaths {
		types[strings.ToLower(strings.ReplaceAll(path, "'", ""))] = t
	}
	maps.Copy(types, map[string]ctim.ObservableType{
		"domain-name:value":                     ctim.TypeDomain,
		"domain-name:resolves_to_refs[*].value": anyAddress,
		"hostname:value":                        ctim.TypeHostname,
		"x-opencti-hostname:value":              ctim.TypeHostname,
		"network-traffic:src_ref.value":         anyAddress,
		"network-traffic:dst_ref.value":         anyAddress,
		"file:path":                             ctim.TypeFilePath, // not in the standard
		"email-message:from_ref.value":          ctim.TypeEmail,
		"email-message:sender_ref.value":        ctim.TypeEmail,
		"email-message:to_refs[*].value":        ctim.TypeEmail,
		"windows-registry-key:values[*].name":   ctim.TypeRegistryName,
		"process:name":                          ctim.TypeProcessName,
		"user-account:user_id":                  ctim.TypeUser,
	})
	return types
}()

// hashType returns the type that the name of a hash algorithm has. ok is false for other
// names.
func hashType(algorithm string) (t ctim.ObservableType, ok bool) {
	t = kindNames[plainName(algorithm)]
	return t, family(t) == anyHash
}

// pathType returns the type of the values at a path. ok is false if it is unknown.
func pathType(p stixpattern.Path) (t ctim.ObservableType, ok bool) {
	if p.Object == extensionObject && len(p.Steps) == 1 {
		t = ctim.ObservableType(p.Steps[0])
		return t, t.Known() // or else any text would become part of the stores' keys
	}
	last := len(p.Steps) - 1
	if last >= 1 && strings.TrimSuffix(p.Steps[last-1], "[*]") == "hashes" {
		// Certificates also have hashes, which are not of files.
		of := p.Object
		if last >= 2 {
			of = strings.TrimRight(p.Steps[last-2], "s[*]")
		}
		switch of {
		case "file", "artifact", "image_ref", "binary_ref", "content_ref", "body_raw_ref", "src_payload_ref", "dst_payload_ref":
			return hashType(p.Steps[last])
		}
		return "", false
	}
	t, ok = pathTypes[strings.ToLower(p.String())]
	return t, ok
}
