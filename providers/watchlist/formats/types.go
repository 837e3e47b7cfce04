package formats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/misp"
)

// kindNames are the names of kinds of values as people write them, in the form
// of plainName. They name types in cells, and columns of values of a type.
var kindNames = map[string]ctim.ObservableType{
	"ip": ctim.TypeIP, "ips": ctim.TypeIP, "ipv4": ctim.TypeIP, "ipv4addr": ctim.TypeIP, "ipaddr": ctim.TypeIP, "ipaddress": ctim.TypeIP, "ipaddresses": ctim.TypeIP,
	"ipv4address": ctim.TypeIP, "ipport": ctim.TypeIP, "ipv4port": ctim.TypeIP, "ipandport": ctim.TypeIP, "ipsrc": ctim.TypeIP, "ipdst": ctim.TypeIP,
	"srcip": ctim.TypeIP, "dstip": ctim.TypeIP, "sourceip": ctim.TypeIP, "destinationip": ctim.TypeIP, "remoteip": ctim.TypeIP,
	"cidr": ctim.TypeIP, "ipv4cidr": ctim.TypeIP, "ipv6cidr": ctim.TypeIP, "network": ctim.TypeIP, "subnet": ctim.TypeIP, "ipnetwork": ctim.TypeIP, "iprange": ctim.TypeIP,
	"ipv6": ctim.TypeIPv6, "ipv6addr": ctim.TypeIPv6, "ipv6address": ctim.TypeIPv6,
	"domain": ctim.TypeDomain, "domains": ctim.TypeDomain, "domainname": ctim.TypeDomain, "fqdn": ctim.TypeDomain, "dns": ctim.TypeDomain, "dnsname": ctim.TypeDomain,
	"domainport": ctim.TypeDomain, "hostname": ctim.TypeHostname, "hostnames": ctim.TypeHostname, "host": ctim.TypeHostname, "hosts": ctim.TypeHostname,
	"url": ctim.TypeURL, "urls": ctim.TypeURL, "uri": ctim.TypeURL, "uris": ctim.TypeURL,
	"address": anyAddress, "c2": anyAddress, "cnc": anyAddress, "c2server": anyAddress, "site": anyAddress, "website": anyAddress, "server": anyAddress,
	"md5": ctim.TypeMD5, "filehashmd5": ctim.TypeMD5, "md5hash": ctim.TypeMD5, "hashmd5": ctim.TypeMD5, "filemd5": ctim.TypeMD5,
	"sha1": ctim.TypeSHA1, "filehashsha1": ctim.TypeSHA1, "sha1hash": ctim.TypeSHA1, "hashsha1": ctim.TypeSHA1, "filesha1": ctim.TypeSHA1,
	"sha256": ctim.TypeSHA256, "filehashsha256": ctim.TypeSHA256, "sha256hash": ctim.TypeSHA256, "hashsha256": ctim.TypeSHA256, "filesha256": ctim.TypeSHA256, "sha2": ctim.TypeSHA256,
	"hash": anyHash, "hashes": anyHash, "filehash": anyHash, "file": anyFile, "files": anyFile, "sample": anyFile, "malwaresample": anyFile,
	"email": ctim.TypeEmail, "emails": ctim.TypeEmail, "emailaddr": ctim.TypeEmail, "emailaddress": ctim.TypeEmail, "emailsrc": ctim.TypeEmail, "emaildst": ctim.TypeEmail,
	"sender": ctim.TypeEmail, "senderemail": ctim.TypeEmail, "senderaddress": ctim.TypeEmail, "mailfrom": ctim.TypeEmail, "emailsender": ctim.TypeEmail,
	"emailsubject": ctim.TypeEmailSubject, "subject": ctim.TypeEmailSubject, "emailmessageid": ctim.TypeEmailMessageID,
	"filename": ctim.TypeFileName, "filepath": ctim.TypeFilePath, "filepathname": ctim.TypeFilePath, "path": ctim.TypeFilePath, "fullpath": ctim.TypeFilePath,
	"mutex": ctim.TypeMutex, "mutexname": ctim.TypeMutex, "macaddress": ctim.TypeMACAddress, "macaddr": ctim.TypeMACAddress, "useragent": ctim.TypeUserAgent,
	"registrykey": ctim.TypeRegistryKey, "regkey": ctim.TypeRegistryKey, "registryname": ctim.TypeRegistryName, "registrypath": ctim.TypeRegistryPath,
	"user": ctim.TypeUser, "username": ctim.TypeUser, "account": ctim.TypeUser,
	"processname": ctim.TypeProcessName, "processpath": ctim.TypeProcessPath, "processargs": ctim.TypeProcessArgs, "commandline": ctim.TypeProcessArgs, "processhash": ctim.TypeProcessHash,
	"processusername":       ctim.TypeProcessUsername,
	"certificatecommonname": ctim.TypeCertificateCommonName, "certificateissuer": ctim.TypeCertificateIssuer,
	"certificateserial": ctim.TypeCertificateSerial, "pkiserial": ctim.TypePKISerial, "serialnumber": ctim.TypeSerialNumber,
	"device": ctim.TypeDevice, "imei": ctim.TypeIMEI, "imsi": ctim.TypeIMSI,
	"ampcomputerguid": ctim.TypeAMPComputerGUID,
}

// plainName is a name without what people write differently.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-./:", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// isKindName reports whether a word is the name of a kind of values, or of an
// attribute type of MISP.
func isKindName(word string) bool {
	if _, ok := kindNames[plainName(word)]; ok {
		return true
	}
	_, ok := misp.Attribute{Type: lenient.Text(strings.ToLower(word))}.Parts()
	return ok
}

// partsOf are the parts of a value whose kind a word names. MISP's composite
// types have several. They are not ok if nobody knows the word.
func partsOf(word, value string) (parts []misp.Part, ok bool) {
	if kind, ok := kindNames[plainName(word)]; ok {
		return []misp.Part{{Observable: ctim.Observable{Type: kind, Value: value}}}, true
	}
	return misp.Attribute{Type: lenient.Text(word), Value: lenient.Text(value)}.Parts()
}

// isObservableType reports whether a type that stands in a file is one of
// CTIM's. The stores file entries by type, and a file may name any word, of any
// length, as one.
func isObservableType(t ctim.ObservableType) bool {
	return slices.Contains(ctim.ObservableTypes(), t)
}

// typeProblem says that a name is not that of an observable type.
func typeProblem(name string) string {
	return fmt.Sprintf("the type %q is not that of an observable", shown(name))
}
