package formats

import (
	"errors"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
	"github.com/serverless-relay/relay/shared/threat"
)

// column is a column of a CSV.
type column struct {
	kind columnKind
	// observable is the type of what a value column holds, where its name says
	// so.
	observable ctim.ObservableType
	// threat is what a threat column names.
	threat threat.Kind
}

type columnKind int

const (
	noColumn columnKind = iota
	valueColumn
	typeColumn
	dispositionColumn
	severityColumn
	confidenceColumn
	tlpColumn
	titleColumn
	descriptionColumn
	tagsColumn
	sourceColumn
	sourceURLColumn
	idColumn
	firstSeenColumn
	validFromColumn
	validUntilColumn
	subdomainsColumn
	threatColumn
)

// columnNames are the names of columns as people write them, in lower case and
// without space, underscores and hyphens. A column may also be named like a
// type of observableNames; then its values are of that type.
var columnNames = map[string]column{
	"value": {kind: valueColumn}, "indicator": {kind: valueColumn}, "indicatorvalue": {kind: valueColumn},
	"ioc": {kind: valueColumn}, "iocvalue": {kind: valueColumn}, "observable": {kind: valueColumn}, "observablevalue": {kind: valueColumn},

	"type": {kind: typeColumn}, "indicatortype": {kind: typeColumn}, "ioctype": {kind: typeColumn}, "observabletype": {kind: typeColumn},

	"disposition": {kind: dispositionColumn}, "dispositionname": {kind: dispositionColumn}, "verdict": {kind: dispositionColumn},
	"severity":   {kind: severityColumn},
	"confidence": {kind: confidenceColumn}, "confidencelevel": {kind: confidenceColumn},
	"tlp": {kind: tlpColumn},

	"title": {kind: titleColumn}, "name": {kind: titleColumn}, "report": {kind: titleColumn},
	"description": {kind: descriptionColumn}, "comment": {kind: descriptionColumn}, "note": {kind: descriptionColumn}, "notes": {kind: descriptionColumn},
	"tags": {kind: tagsColumn}, "tag": {kind: tagsColumn}, "labels": {kind: tagsColumn},
	"source": {kind: sourceColumn}, "feed": {kind: sourceColumn},
	"sourceurl": {kind: sourceURLColumn}, "reference": {kind: sourceURLColumn}, "references": {kind: sourceURLColumn}, "link": {kind: sourceURLColumn},
	"externalid": {kind: idColumn},

	"firstseen": {kind: firstSeenColumn}, "firstseenutc": {kind: firstSeenColumn}, "dateadded": {kind: firstSeenColumn}, "date": {kind: firstSeenColumn},
	"validfrom":  {kind: validFromColumn},
	"validuntil": {kind: validUntilColumn}, "expires": {kind: validUntilColumn}, "expiration": {kind: validUntilColumn}, "expirationdate": {kind: validUntilColumn},
	"subdomains": {kind: subdomainsColumn}, "includesubdomains": {kind: subdomainsColumn},

	"malware": {kind: threatColumn, threat: threat.Malware}, "malwarefamily": {kind: threatColumn, threat: threat.Malware},
	"tool":  {kind: threatColumn, threat: threat.Tool},
	"actor": {kind: threatColumn, threat: threat.Actor}, "threatactor": {kind: threatColumn, threat: threat.Actor},
	"campaign":      {kind: threatColumn, threat: threat.Campaign},
	"attackpattern": {kind: threatColumn, threat: threat.AttackPattern}, "technique": {kind: threatColumn, threat: threat.AttackPattern},
	"vulnerability": {kind: threatColumn, threat: threat.Vulnerability}, "cve": {kind: threatColumn, threat: threat.Vulnerability},
}

func columnOf(name string) column {
	plain := plainName(name)
	if c, ok := columnNames[plain]; ok {
		return c
	}
	if t, ok := observableNames[plain]; ok {
		return column{kind: valueColumn, observable: t}
	}
	return column{}
}

// plainName is a name without what people write differently.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-./", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// observableNames are the names of observable types as people write them, in
// the form of plainName.
var observableNames = map[string]ctim.ObservableType{
	"ip": ctim.TypeIP, "ipv4": ctim.TypeIP, "ipv4addr": ctim.TypeIP, "ipaddr": ctim.TypeIP, "ipaddress": ctim.TypeIP,
	"ipsrc": ctim.TypeIP, "ipdst": ctim.TypeIP, "srcip": ctim.TypeIP, "dstip": ctim.TypeIP, "cidr": ctim.TypeIP,
	"ipv4cidr": ctim.TypeIP, "ipv6cidr": ctim.TypeIP, "network": ctim.TypeIP, "ipv6": ctim.TypeIPv6, "ipv6addr": ctim.TypeIPv6,
	"domain": ctim.TypeDomain, "domainname": ctim.TypeDomain, "fqdn": ctim.TypeDomain,
	"hostname": ctim.TypeHostname, "host": ctim.TypeHostname,
	"url": ctim.TypeURL, "uri": ctim.TypeURL,
	"md5": ctim.TypeMD5, "filehashmd5": ctim.TypeMD5, "md5hash": ctim.TypeMD5, "hashmd5": ctim.TypeMD5,
	"sha1": ctim.TypeSHA1, "filehashsha1": ctim.TypeSHA1, "sha1hash": ctim.TypeSHA1, "hashsha1": ctim.TypeSHA1,
	"sha256": ctim.TypeSHA256, "filehashsha256": ctim.TypeSHA256, "sha256hash": ctim.TypeSHA256, "hashsha256": ctim.TypeSHA256,
	"hash": anyHash, "filehash": anyHash,
	"email": ctim.TypeEmail, "emailaddr": ctim.TypeEmail, "emailaddress": ctim.TypeEmail, "emailsrc": ctim.TypeEmail, "emaildst": ctim.TypeEmail,
	"emailsubject": ctim.TypeEmailSubject, "emailmessageid": ctim.TypeEmailMessageID,
	"filename": ctim.TypeFileName, "filepath": ctim.TypeFilePath,
	"mutex": ctim.TypeMutex, "macaddress": ctim.TypeMACAddress, "macaddr": ctim.TypeMACAddress, "useragent": ctim.TypeUserAgent,
	"registrykey": ctim.TypeRegistryKey, "regkey": ctim.TypeRegistryKey, "registryname": ctim.TypeRegistryName, "registrypath": ctim.TypeRegistryPath,
	"user": ctim.TypeUser, "username": ctim.TypeUser,
	"processname": ctim.TypeProcessName, "processpath": ctim.TypeProcessPath, "processargs": ctim.TypeProcessArgs, "processhash": ctim.TypeProcessHash,
	"processusername":       ctim.TypeProcessUsername,
	"certificatecommonname": ctim.TypeCertificateCommonName, "certificateissuer": ctim.TypeCertificateIssuer,
	"certificateserial": ctim.TypeCertificateSerial, "pkiserial": ctim.TypePKISerial, "serialnumber": ctim.TypeSerialNumber,
	"device": ctim.TypeDevice, "imei": ctim.TypeIMEI, "imsi": ctim.TypeIMSI,
	"ampcomputerguid": ctim.TypeAMPComputerGUID,
}

// read takes a field that isn't blank. The error says what is wrong with it.
func (c column) read(field string, e *watchlist.Entry, row *csvRow) error {
	var err error
	switch c.kind {
	case valueColumn:
		row.values = append(row.values, csvValue{field, c.observable})
	case typeColumn:
		t, ok := observableNames[plainName(field)]
		if !ok {
			return errors.New(typeProblem(field))
		}
		row.kind = t
	case dispositionColumn:
		e.Disposition, err = parseDisposition(field)
	case severityColumn:
		e.Severity, err = parseSeverity(field)
	case confidenceColumn:
		e.Confidence, err = parseConfidence(field)
	case tlpColumn:
		if e.TLP = ctim.ParseTLP(field); e.TLP == "" {
			return fmt.Errorf("%q is not a colour of the traffic light protocol", shown(field))
		}
	case titleColumn:
		e.Title = field
	case descriptionColumn:
		e.Description = field
	case tagsColumn:
		e.Tags = splitList(field)
	case sourceColumn:
		e.Source = field
	case sourceURLColumn:
		e.SourceURL = normalize.WebURL(field)
	case idColumn:
		e.ExternalIDs = []string{field}
	case firstSeenColumn:
		e.FirstSeen, err = parseTime(field)
	case validFromColumn:
		e.ValidFrom, err = parseTime(field)
	case validUntilColumn:
		e.ValidUntil, err = parseTime(field)
	case subdomainsColumn:
		e.Subdomains, err = parseYes(field)
	case threatColumn:
		for _, name := range splitList(field) {
			e.Indicates = threat.Append(e.Indicates, threat.Named(c.threat, name))
		}
	}
	return err
}

// splitList splits several values in one field.
func splitList(field string) []string {
	parts := strings.FieldsFunc(field, func(r rune) bool { return r == ';' || r == '|' || r == ',' || r == '\n' })
	var list []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
