package formats

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// role is the meaning of a column's cells.
type role string

const (
	// unknownRole is the role of columns with an unknown name. They are not read.
	unknownRole role = ""
	// ignoredRole is the role of columns that are known, but of no use here.
	ignoredRole role = "not read"

	valueRole       role = "value"
	typeRole        role = "type"
	portRole        role = "port"
	firstRole       role = "first address" // of a range
	lastRole        role = "last address"
	maskRole        role = "mask" // of the address beside it, or its length
	noteRole        role = "note" // added to the description with the column's name
	titleRole       role = "title"
	descriptionRole role = "description"
	tagsRole        role = "tags"
	sourceRole      role = "source"
	referenceRole   role = "reference"
	idRole          role = "id"
	threatRole      role = "threat"
	severityRole    role = "severity"
	confidenceRole  role = "confidence"
	tlpRole         role = "tlp"
	firstSeenRole   role = "first seen"
	validFromRole   role = "valid from"

	// These decide whether and until when a row is valid. A row in which one is
	// invalid is skipped.
	dispositionRole role = "disposition"
	actionRole      role = "action"
	allowRole       role = "allow"  // yes: clean
	detectRole      role = "detect" // no: not meant for detection
	activeRole      role = "active" // no: no longer valid
	statusRole      role = "status" // in words: see parseStatus
	verdictTagsRole role = "status or tags"
	withdrawnRole   role = "withdrawn" // yes: no longer valid
	validUntilRole  role = "valid until"
	subdomainsRole  role = "subdomains"
)

// column is a column of a table.
type column struct {
	// name is the name in the header, empty without one.
	name string
	role role
	// kind is the kind of a value column's values, or "" if its name doesn't show it.
	kind ctim.ObservableType
	// threat is the kind of threats in a threat column.
	threat threat.Kind
	// order is the order of dates in a date column.
	order dateOrder
	// why is the reason for a role other than the one of the name, or "".
	why string
	sample
}

// roleNames are the usual names of columns, in the form of plainName. A column with a
// name in kindNames has values of that kind.
var roleNames = func() map[string]column {
	names := map[string]column{
		"malware": {threat: threat.Malware}, "malwarefamily": {threat: threat.Malware}, "malwareprintable": {threat: threat.Malware}, "malwarename": {threat: threat.Malware},
		"family": {threat: threat.Malware}, "signature": {threat: threat.Malware}, "tool": {threat: threat.Tool},
		"actor": {threat: threat.Actor}, "threatactor": {threat: threat.Actor}, "adversary": {threat: threat.Actor}, "group": {threat: threat.Actor}, "apt": {threat: threat.Actor},
		"campaign": {threat: threat.Campaign}, "attackpattern": {threat: threat.AttackPattern}, "technique": {threat: threat.AttackPattern}, "techniques": {threat: threat.AttackPattern},
		"mitretechniques": {threat: threat.AttackPattern}, "vulnerability": {threat: threat.Vulnerability}, "cve": {threat: threat.Vulnerability}, "cves": {threat: threat.Vulnerability},
	}
	for name, c := range names {
		c.role = threatRole
		names[name] = c
	}
	for _, name := range strings.Fields("c2 cnc c2server cncserver site website server") {
		names[name] = column{role: valueRole, kind: anyAddress}
	}
	for r, words := range map[role]string{
		valueRole:       "value indicator indicatorvalue ioc iocs iocvalue observable observablevalue data artifact attributevalue blocklist blacklist",
		typeRole:        "type indicatortype ioctype observabletype entitytype datatype valuetype kind attributetype",
		portRole:        "port dstport destport destinationport remoteport",
		firstRole:       "start startip firstip ipstart rangestart startaddress firstaddress",
		lastRole:        "end endip lastip ipend rangeend endaddress lastaddress",
		maskRole:        "mask netmask subnetmask prefixlength prefixlen",
		titleRole:       "title name report event eventinfo",
		descriptionRole: "description comment comments note notes details detail remarks remark context reason listingreason info",
		tagsRole:        "tags tag labels label category categories classification threat threattype attributetag",
		sourceRole:      "source feed provider feedname sourcename",
		referenceRole:   "sourceurl reference references ref refs link links permalink urlhauslink reporturl referenceurl phishdetailurl blog",
		idRole:          "externalid",
		severityRole:    "severity",
		confidenceRole: "confidence confidencelevel confidencescore abuseconfidencescore maliciousconfidence detectionconfidence threatconfidence " +
			"indicatorconfidence indicatorconfidencescore overallconfidence",
		tlpRole:       "tlp tlpcolor tlpcolour",
		firstSeenRole: "firstseen firstseenutc dateadded date firstseendate datefirstseen detecteddate detectiondate added created createdat submissiontime listingdate listed observed timestamp firstreported published",
		validFromRole: "validfrom validtimestarttime",
		validUntilRole: "validuntil validto validtill validtimeendtime expire expires expiresat expireson expiresutc expireat expiredate expiretime " +
			"expiry expiryat expirydate expirytime expiration expirationat expirationdate expirationtime expirationdatetime expirationts expirationtimestamp",
		dispositionRole: "disposition dispositionname verdict",
		actionRole:      "action",
		allowRole:       "allow allowed allowlist allowlisted whitelist whitelisted iswhitelisted isallowed isallowlisted benign isbenign",
		detectRole:      "toids ids todetect ismalicious malicious",
		activeRole:      "active enabled isactive isenabled isvalid",
		withdrawnRole:   "deleted revoked isdeleted isrevoked withdrawn disabled expired falsepositive isfalsepositive fp",
		statusRole:      "status reputation",
		subdomainsRole:  "subdomains includesubdomains",
		ignoredRole: "id uuid eventid iocid reporter anonymous asn as country countrycode lastseen lastseenutc lastonline urlstatus c2status score risk riskscore count hits attacks " +
			"fkmalware malwarealias iscompromised target victim abuse contact netblock sblid rir cc iscensored attributeid objectuuid objectname objectmetacategory objectrelation " +
			"verified verificationtime online phishid firstsubmission bitness filetype filetypeguess mimetype filesize size clamav vtpercent compiletimestamp",
	} {
		for _, name := range strings.Fields(words) {
			names[name] = column{role: r}
		}
	}
	return names
}()

// columnNamed returns the column of a name. Its role may be unknown. known reports that
// the name is in roleNames or kindNames.
func columnNamed(name string) (c column, known bool) {
	name = decoded(strings.TrimSpace(name))
	plain := plainName(name)
	if c, known = roleNames[plain]; !known {
		c.kind, known = kindNames[plain]
		c.role = valueRole
	}
	if !known {
		return columnOfWords(column{name: name}), false
	}
	c.name = name
	return c, true
}

// otherWords are words in the name of a column whose values are not indicators, but
// references, victims, owners and the like.
var otherWords = strings.Fields("reference ref report detail details link vt virustotal urlscan screenshot image icon favicon logo victim target targeted reporter contact abuse " +
	"registrar registrant owner whois ns nameserver mx resolved resolution resolves resolving count number num total size length score last date time type status country city asn id version " +
	"parent legit legitimate brand impersonated honeypot sensor local internal legal hosting isp pdb compile path query method header headers")

// measures are words for hashes that are not of files, such as of certificates.
var measures = strings.Fields("cert certs certificate certificates ssl tls x509 ja3 ja3s ja4 jarm imphash pehash rich ssdeep tlsh vhash authentihash telfhash thumbprint thumbprints " +
	"fingerprint fingerprints dhash")

// columnOfWords sets the role of a column by the words of its name: "C2 Server",
// "Malicious IP", "Hash (SHA-256)".
func columnOfWords(c column) column {
	words := wordsOf(c.name)
	if len(words) > 6 || strings.ContainsAny(c.name, ",;|=@\\[]<>?") {
		return c // not a name
	}
	for _, word := range words {
		if slices.Contains(otherWords, word) || slices.Contains(measures, word) {
			return c
		}
	}
	for _, word := range words {
		switch word {
		case "ip", "ips", "ipv4", "ipv6", "cidr", "domain", "domains", "hostname", "hostnames", "fqdn", "url", "urls", "uri", "c2", "md5", "sha1", "sha256", "hash", "hashes":
			// "Domain or IP" is any address, "hash (MD5)" an MD5.
			kind := cmp.Or(kindNames[word], anyAddress)
			if c.role == valueRole && c.kind != kind && family(c.kind) == anyAddress {
				c.kind = anyAddress
			} else if c.role != valueRole || c.kind == anyHash {
				c.kind = kind
			}
			c.role = valueRole
		}
	}
	return c
}

// wordsOf returns the words of a name in lower case: sha256, hash and file for
// "SHA-256 Hash (file)", remote and ip for "RemoteIP".
func wordsOf(name string) []string {
	var b strings.Builder
	var before rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		before = r
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	text := b.String()
	for _, algorithm := range []string{"sha 256", "sha 1", "md 5"} {
		text = strings.ReplaceAll(text, algorithm, strings.ReplaceAll(algorithm, " ", ""))
	}
	return strings.Fields(text)
}

// isWeak reports whether values of a kind are indicators only if a table has no others.
// A name beside a hash is often that of a harmless program, and a mailbox beside a
// domain that of its owner.
func isWeak(kind ctim.ObservableType) bool {
	switch kind {
	case ctim.TypeFileName, ctim.TypeFilePath, ctim.TypeEmail, ctim.TypeEmailSubject, ctim.TypeEmailMessageID, ctim.TypeUser, ctim.TypeProcessName, ctim.TypeProcessPath, ctim.TypeProcessArgs,
		ctim.TypeProcessUsername, ctim.TypeDevice, ctim.TypeSerialNumber, ctim.TypeCertificateSerial, ctim.TypeCertificateIssuer, ctim.TypeCertificateCommonName,
		ctim.TypePKISerial, ctim.TypeUserAgent, ctim.TypeRegistryKey, ctim.TypeRegistryName, ctim.TypeRegistryPath, ctim.TypeMutex, anyFile:
		return true
	}
	return false
}
