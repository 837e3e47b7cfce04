package mispevent

import (
	"strings"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
)

// attributeType describes the value of a MISP attribute. A composite type has
// two values with a bar between them.
type attributeType struct {
	// left is the type of the value, or of the one before the bar. right is the
	// type of the one after the bar, empty if CTIM has no type for it.
	left, right ctim.ObservableType
	// label starts the note with the half that is no indicator by itself.
	label string
}

// attributeTypes are MISP's types with an observable type. A file's name beside
// its hash is no indicator by itself: malware often has the name of a harmless
// program. Neither is a port without its host, or a registry value without its
// key.
var attributeTypes = sync.OnceValue(func() map[string]attributeType {
	return map[string]attributeType{
		"ip-src":                 {left: ctim.TypeIP},
		"ip-dst":                 {left: ctim.TypeIP},
		"domain":                 {left: ctim.TypeDomain},
		"hostname":               {left: ctim.TypeHostname},
		"url":                    {left: ctim.TypeURL},
		"uri":                    {left: ctim.TypeURL},
		"md5":                    {left: ctim.TypeMD5},
		"sha1":                   {left: ctim.TypeSHA1},
		"sha256":                 {left: ctim.TypeSHA256},
		"filename":               {left: ctim.TypeFileName},
		"email":                  {left: ctim.TypeEmail},
		"email-src":              {left: ctim.TypeEmail},
		"email-dst":              {left: ctim.TypeEmail},
		"email-reply-to":         {left: ctim.TypeEmail},
		"whois-registrant-email": {left: ctim.TypeEmail},
		"email-subject":          {left: ctim.TypeEmailSubject},
		"email-message-id":       {left: ctim.TypeEmailMessageID},
		"regkey":                 {left: ctim.TypeRegistryKey},
		"mutex":                  {left: ctim.TypeMutex},
		"mac-address":            {left: ctim.TypeMACAddress},
		"user-agent":             {left: ctim.TypeUserAgent},
		"filename|md5":           {left: ctim.TypeFileName, right: ctim.TypeMD5, label: "File name: "},
		"filename|sha1":          {left: ctim.TypeFileName, right: ctim.TypeSHA1, label: "File name: "},
		"filename|sha256":        {left: ctim.TypeFileName, right: ctim.TypeSHA256, label: "File name: "},
		"malware-sample":         {left: ctim.TypeFileName, right: ctim.TypeMD5, label: "File name: "},
		"domain|ip":              {left: ctim.TypeDomain, right: ctim.TypeIP},
		"ip-src|port":            {left: ctim.TypeIP, label: "Port: "},
		"ip-dst|port":            {left: ctim.TypeIP, label: "Port: "},
		"hostname|port":          {left: ctim.TypeHostname, label: "Port: "},
		"regkey|value":           {left: ctim.TypeRegistryKey, label: "Registry value: "},
	}
})

// Part is one of the values of an attribute.
type Part struct {
	// Observable is the value as the event spells it, not normalized.
	Observable ctim.Observable
	// Note is the rest of the attribute in words: "Port: 8080".
	Note string
	// Weak reports that the value is no indicator by itself: the name of a file
	// whose hash is the attribute's other part.
	Weak bool
}

// Parts returns the values of an attribute: two for many composite types. ok is
// false if the platform has no observable type for the attribute.
func (a Attribute) Parts() (parts []Part, ok bool) {
	t, ok := attributeTypes()[strings.ToLower(string(a.Type))]
	if !ok {
		return nil, false
	}
	return t.split(string(a.Value)), true
}

func (t attributeType) split(value string) []Part {
	part := func(kind ctim.ObservableType, value string) Part {
		return Part{Observable: ctim.Observable{Type: kind, Value: value}}
	}
	left, right, _ := strings.Cut(value, "|")
	note := ""
	switch {
	case t.left == ctim.TypeFileName && t.right == "":
		return []Part{{Observable: FileOrPath(value)}}
	case t.right == "" && t.label == "": // not composite
		return []Part{part(t.left, value)}
	case t.left == ctim.TypeFileName:
		bar := strings.LastIndexByte(value, '|') // a name may have bars, a hash has none
		hash := part(t.right, value[bar+1:])
		if bar < 0 {
			return []Part{hash}
		}
		hash.Note = t.label + value[:bar]
		return []Part{hash, {Observable: FileOrPath(value[:bar]), Weak: true}}
	case t.right != "":
		return []Part{part(t.left, left), part(t.right, right)}
	case right != "":
		note = t.label + right
	}
	p := part(t.left, left)
	p.Note = note
	return []Part{p}
}

// FileOrPath returns the path or the name of a file. Both are "filename" in MISP.
func FileOrPath(value string) ctim.Observable {
	if strings.ContainsAny(value, `\/`) {
		return ctim.Observable{Type: ctim.TypeFilePath, Value: value}
	}
	return ctim.Observable{Type: ctim.TypeFileName, Value: value}
}
