package formats

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
)

// ParseDisposition parses a disposition: CTIM's name or number, or a common synonym.
func ParseDisposition(text string) (ctim.Disposition, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "clean", "benign", "good", "safe", "harmless", "trusted", "allow", "allowed":
		return ctim.Clean, nil
	case "2", "malicious", "bad", "block", "blocked", "malware", "phishing", "c2":
		return ctim.Malicious, nil
	case "3", "suspicious", "suspect", "grayware", "spam":
		return ctim.Suspicious, nil
	case "4", "common":
		return ctim.Common, nil
	case "5", "unknown":
		return ctim.Unknown, nil
	}
	return 0, errors.New("not a disposition: use clean, malicious, suspicious, common or unknown")
}

// parseAction parses the action of a firewall or filter on an indicator. Its first word is
// enough ("BlockAndRemediate", "detect only") unless the result is clean: "allowed once"
// and "no action taken" are about an event.
func parseAction(text string) (ctim.Disposition, error) {
	switch plainName(text) {
	case "allow", "allowed", "permit", "pass", "accept", "whitelist", "ignore", "noaction":
		return ctim.Clean, nil
	}
	switch append(wordsOf(text), "")[0] {
	case "block", "blocked", "deny", "denied", "drop", "dropped", "reject", "rejected", "prevent", "prevented", "quarantine", "quarantined", "sinkhole", "nxdomain", "blacklist":
		return ctim.Malicious, nil
	case "alert", "audit", "warn", "monitor", "detect", "detected", "log", "observe":
		return ctim.Suspicious, nil
	}
	return 0, errors.New("not an action such as allow, block or alert")
}

// parseStatus parses the status of an indicator at its source. The error reports that it
// is withdrawn. A status such as "active" has no disposition. "Allowed" and "deleted" are not
// parsed, because they describe actions of proxies and scanners.
func parseStatus(text string) (d ctim.Disposition, isStatus bool, err error) {
	switch plainName(text) {
	case "active", "enabled", "valid", "new", "open":
		return 0, true, nil
	case "inactive", "disabled", "expired", "revoked", "withdrawn", "retired", "deprecated", "falsepos", "falsepositive", "fp":
		return 0, true, errWithdrawn
	case "benign", "clean", "good", "harmless", "whitelisted", "allowlisted":
		return ctim.Clean, true, nil
	case "malicious", "bad":
		return ctim.Malicious, true, nil
	case "suspicious":
		return ctim.Suspicious, true, nil
	}
	return 0, false, nil
}

// isVerdict reports whether a text is a status that changes the entry.
func isVerdict(text string) bool {
	disposition, _, err := parseStatus(text)
	return disposition != 0 || err != nil
}

var errWithdrawn = errors.New("marked as no longer valid")

// parseEnd parses the end of an entry's validity. It is zero for none.
func parseEnd(text string, order dateOrder) (time.Time, error) {
	if isBlank(text) || slices.Contains([]string{"never", "no expiry", "no expiration", "unlimited"}, strings.ToLower(text)) {
		return time.Time{}, nil
	}
	return parseDate(text, order)
}

// ParseSeverity parses a severity, in any case.
func ParseSeverity(text string) (ctim.Severity, bool) {
	return parseLevel(text, ctim.Words[ctim.Severity]())
}

// ParseConfidence parses a confidence, in any case, or a number from 0 to 100.
func ParseConfidence(text string) (ctim.Confidence, bool) {
	percent, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if err == nil && percent >= 0 && percent <= 100 {
		return confidenceOf(percent), true
	}
	return parseLevel(text, ctim.Words[ctim.Confidence]())
}

// parseLevel returns the level that a word names.
func parseLevel[T ~string](text string, levels []T) (T, bool) {
	word := strings.ToLower(strings.TrimSpace(text))
	switch word {
	case "moderate":
		word = "medium"
	case "informational":
		word = "info"
	}
	i := slices.IndexFunc(levels, func(level T) bool { return strings.EqualFold(string(level), word) })
	if i < 0 {
		return "", false
	}
	return levels[i], true
}

// confidenceOf returns the confidence of a percentage, by STIX's scale of none, low,
// medium and high.
func confidenceOf(percent int) ctim.Confidence {
	switch {
	case percent >= 70:
		return ctim.ConfidenceHigh
	case percent >= 30:
		return ctim.ConfidenceMedium
	case percent >= 1:
		return ctim.ConfidenceLow
	default:
		return ctim.ConfidenceNone
	}
}

// kindNames are the usual names of kinds of values, in the form of plainName. They are in
// cells of types and in names of value columns.
var kindNames = map[string]ctim.ObservableType{
	"ip": ctim.TypeIP, "ips": ctim.TypeIP, "ipv4": ctim.TypeIP, "ipv4addr": ctim.TypeIP, "ip4addr": ctim.TypeIP, "ipaddr": ctim.TypeIP, "ipaddress": ctim.TypeIP, "ipaddresses": ctim.TypeIP,
	"ipv4address": ctim.TypeIP, "ipport": ctim.TypeIP, "ipv4port": ctim.TypeIP, "ipandport": ctim.TypeIP, "ipsrc": ctim.TypeIP, "ipdst": ctim.TypeIP,
	"srcip": ctim.TypeIP, "dstip": ctim.TypeIP, "sourceip": ctim.TypeIP, "destinationip": ctim.TypeIP, "remoteip": ctim.TypeIP,
	"cidr": ctim.TypeIP, "ipv4cidr": ctim.TypeIP, "ipv6cidr": ctim.TypeIP, "network": ctim.TypeIP, "subnet": ctim.TypeIP, "ipnetwork": ctim.TypeIP, "iprange": ctim.TypeIP,
	"ipv6": ctim.TypeIPv6, "ipv6addr": ctim.TypeIPv6, "ip6addr": ctim.TypeIPv6, "ipv6address": ctim.TypeIPv6,
	"domain": ctim.TypeDomain, "domains": ctim.TypeDomain, "domainname": ctim.TypeDomain, "fqdn": ctim.TypeDomain, "dns": ctim.TypeDomain, "dnsname": ctim.TypeDomain,
	"domainport": ctim.TypeDomain, "hostname": ctim.TypeHostname, "hostnames": ctim.TypeHostname, "host": ctim.TypeHostname, "hosts": ctim.TypeHostname,
	"url": ctim.TypeURL, "urls": ctim.TypeURL, "uri": ctim.TypeURL, "uris": ctim.TypeURL,
	"address": anyAddress, "addr": anyAddress,
	"md5": ctim.TypeMD5, "filehashmd5": ctim.TypeMD5, "md5hash": ctim.TypeMD5, "hashmd5": ctim.TypeMD5, "filemd5": ctim.TypeMD5,
	"sha1": ctim.TypeSHA1, "filehashsha1": ctim.TypeSHA1, "sha1hash": ctim.TypeSHA1, "hashsha1": ctim.TypeSHA1, "filesha1": ctim.TypeSHA1,
	"sha256": ctim.TypeSHA256, "filehashsha256": ctim.TypeSHA256, "sha256hash": ctim.TypeSHA256, "hashsha256": ctim.TypeSHA256, "filesha256": ctim.TypeSHA256, "sha2": ctim.TypeSHA256,
	"hash": anyHash, "hashes": anyHash, "filehash": anyHash, "file": anyFile, "files": anyFile, "sample": anyFile, "stixfile": anyFile, "malwaresample": anyFile,
	"email": ctim.TypeEmail, "emails": ctim.TypeEmail, "emailaddr": ctim.TypeEmail, "emailaddress": ctim.TypeEmail, "emailsrc": ctim.TypeEmail, "emaildst": ctim.TypeEmail,
	"sender": ctim.TypeEmail, "senderemail": ctim.TypeEmail, "senderaddress": ctim.TypeEmail, "mailfrom": ctim.TypeEmail, "emailsender": ctim.TypeEmail,
	"emailsubject": ctim.TypeEmailSubject, "subject": ctim.TypeEmailSubject, "emailmessageid": ctim.TypeEmailMessageID,
	"filename": ctim.TypeFileName, "filepath": ctim.TypeFilePath, "filepathname": ctim.TypeFilePath, "path": ctim.TypeFilePath, "fullpath": ctim.TypeFilePath,
	"mutex": ctim.TypeMutex, "mutexname": ctim.TypeMutex, "macaddress": ctim.TypeMACAddress, "macaddr": ctim.TypeMACAddress, "useragent": ctim.TypeUserAgent,
	"registrykey": ctim.TypeRegistryKey, "regkey": ctim.TypeRegistryKey, "registryname": ctim.TypeRegistryName, "registrypath": ctim.TypeRegistryPath, "registrypathkey": ctim.TypeRegistryKey,
	"user": ctim.TypeUser, "username": ctim.TypeUser, "account": ctim.TypeUser,
	"processname": ctim.TypeProcessName, "processpath": ctim.TypeProcessPath, "processargs": ctim.TypeProcessArgs, "commandline": ctim.TypeProcessArgs, "processhash": ctim.TypeProcessHash,
	"processusername":       ctim.TypeProcessUsername,
	"certificatecommonname": ctim.TypeCertificateCommonName, "certificateissuer": ctim.TypeCertificateIssuer,
	"certificateserial": ctim.TypeCertificateSerial, "pkiserial": ctim.TypePKISerial, "serialnumber": ctim.TypeSerialNumber,
	"device": ctim.TypeDevice, "imei": ctim.TypeIMEI, "imsi": ctim.TypeIMSI,
	"ampcomputerguid": ctim.TypeAMPComputerGUID,
}

// plainName returns a name in lower case without punctuation and space.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-./:", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// isKindName reports whether a text is the name of a kind of values, or of a MISP
// attribute type. Values of some kinds, such as url_path, are not indicators.
func isKindName(text string) bool {
	if _, ok := partsOf(text, ""); ok {
		return true
	}
	words := wordsOf(text)
	return len(words) < 4 && slices.ContainsFunc(words, func(word string) bool { return kindNames[word] != "" || slices.Contains(measures, word) })
}

// partsOf returns the parts of a value whose kind has this name. Values of MISP's
// composite types have several. ok is false if the kind is unknown.
func partsOf(name, value string) (parts []mispevent.Part, ok bool) {
	if namespace := strings.LastIndex(name, "::"); namespace >= 0 { // "Intel::ADDR", as Zeek writes it
		name = name[namespace+2:]
	}
	kind, ok := kindNames[plainName(name)]
	if !ok {
		if parts, ok := (mispevent.Attribute{Type: lenient.Text(name), Value: lenient.Text(value)}).Parts(); ok {
			return parts, true
		}
		c := columnOfWords(column{name: name})
		kind, ok = c.kind, c.role == valueRole && c.kind != anyAddress // "C2" is a purpose, not a type
	}
	return []mispevent.Part{{Observable: ctim.Observable{Type: kind, Value: value}}}, ok
}
