package formats

import (
	"maps"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/formats/stixpattern"
	"github.com/serverless-relay/relay/shared/ctim"
)

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

// hashTypes are the usual names of hash algorithms in lower case.
var hashTypes = map[string]ctim.ObservableType{
	"md5":  ctim.TypeMD5,
	"sha1": ctim.TypeSHA1, "sha-1": ctim.TypeSHA1, "sha_1": ctim.TypeSHA1,
	"sha256": ctim.TypeSHA256, "sha-256": ctim.TypeSHA256, "sha_256": ctim.TypeSHA256,
}

// pathType returns the type of the values at a path. ok is false if it is unknown.
func pathType(p stixpattern.Path) (t ctim.ObservableType, ok bool) {
	if p.Object == extensionObject && len(p.Steps) == 1 {
		t = ctim.ObservableType(p.Steps[0].Name)
		return t, isObservableType(t)
	}
	last := len(p.Steps) - 1
	if last >= 1 && p.Steps[last-1].Name == "hashes" {
		// Certificates also have hashes, which are not of files.
		of := p.Object
		if last >= 2 {
			of = strings.TrimRight(p.Steps[last-2].Name, "s")
		}
		switch of {
		case "file", "artifact", "image_ref", "binary_ref", "content_ref", "body_raw_ref", "src_payload_ref", "dst_payload_ref":
			t, ok = hashTypes[strings.ToLower(p.Steps[last].Name)]
			return t, ok
		}
		return "", false
	}
	t, ok = pathTypes[strings.ToLower(p.String())]
	return t, ok
}
