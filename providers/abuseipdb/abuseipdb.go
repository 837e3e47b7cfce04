// Package abuseipdb asks AbuseIPDB, a database of IP addresses that were
// reported for abuse, by its API version 2 (https://docs.abuseipdb.com).
package abuseipdb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is AbuseIPDB.
var Provider = lookup.Source{
	Name: "abuseipdb", Title: "AbuseIPDB", URL: "https://api.abuseipdb.com",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your AbuseIPDB API key (APIv2)"}},
	Auth:        upstream.Header("Key", "key"),
	Check:       check,
	Find:        find,
	Page:        func(_ *lookup.Call, o ctim.Observable) string { return "https://www.abuseipdb.com/check/" + o.Value },
	Settings:    Settings{},
}

// Settings are the provider's own settings.
type Settings struct {
	MaxAge int `envconfig:"ABUSEIPDB_MAX_AGE" default:"30" expected:"a number of days from 1 to 365" doc:"How old reports may be to count, in days."`
}

// Validate finds a number of days that AbuseIPDB doesn't take.
func (s Settings) Validate() error {
	if s.MaxAge < 1 || s.MaxAge > 365 {
		return errors.New("setting ABUSEIPDB_MAX_AGE is not a number of days from 1 to 365")
	}
	return nil
}

const (
	// maliciousFrom is the score from which an address is malicious; below it is
	// suspicious.
	maliciousFrom = 86
	// reportPriority is lower than that of the score, because one user wrote the report.
	// It is valid for reportDays.
	reportPriority, reportDays = 85, 7
)

// check asks about an address that AbuseIPDB knows nothing about. Of the calls
// that need a key this one has the highest daily quota.
func check(ctx context.Context, abuse *lookup.Call) error {
	_, err := ask(ctx, abuse, "127.0.0.1", false)
	return err
}

// ask asks about an address. AbuseIPDB answers 422 about one that it doesn't
// cover.
func ask(ctx context.Context, abuse *lookup.Call, address string, verbose bool) (*known, error) {
	query := url.Values{"ipAddress": {address}, "maxAgeInDays": {strconv.Itoa(abuse.Settings.(Settings).MaxAge)}}
	answer := struct{ Data *known }{&known{}}
	if verbose {
		query.Set("verbose", "true")
		answer.Data.Reports.most = abuse.Limit + 1 // one more tells that there are more
	}
	err := abuse.Get(ctx, "/api/v2/check", query, &answer)
	switch {
	case upstream.IsStatus(err, http.StatusUnprocessableEntity):
		return &known{Score: new(score)}, nil
	case err != nil:
		return nil, err
	case answer.Data == nil || answer.Data.Score == nil:
		return nil, relay.Errorf(relay.CodeServiceUnavailable, "AbuseIPDB sent JSON without a score. Check its address in the settings.")
	default:
		return answer.Data, nil
	}
}

func find(ctx context.Context, abuse *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	k, err := ask(ctx, abuse, o.Value, !abuse.Brief)
	if err != nil {
		return ctim.Finding{}, err
	}
	f := k.judge(abuse.Settings.(Settings).MaxAge)
	for _, r := range k.Reports.newest {
		seen := r.seen()
		// The domain belongs to the network's owner, and need not resolve to the address.
		seen.Relations = []ctim.Relation{{Relation: ctim.RelationRelatedTo, Source: o, Related: ctim.Observable{Type: ctim.TypeDomain, Value: string(k.Domain)}}}
		f.Seen = append(f.Seen, seen)
	}
	return f, nil
}

// judge returns AbuseIPDB's own judgement. There is none on an address without reports:
// it is neither suspicious nor clean. AbuseIPDB's whitelists contain networks that are
// easily abused, and its documentation prefers the score. So a whitelisted address is
// common at best.
func (k *known) judge(maxAge int) ctim.Finding {
	score := int(*k.Score)
	f := ctim.Finding{
		Severity: ctim.SeverityMedium,
		Reason:   fmt.Sprintf("Abuse confidence score %d%%: %d reports by %d users in %d days", score, k.TotalReports, k.Users, maxAge),
	}
	for _, about := range []lenient.Text{k.UsageType, k.ISP, k.Country} {
		if about != "" {
			f.Reason += "; " + string(about)
		}
	}
	if k.Tor {
		f.Reason += "; Tor exit"
	}
	switch {
	case score >= maliciousFrom:
		f.Disposition, f.Confidence = ctim.Malicious, ctim.ConfidenceHigh
	case score > 0:
		f.Disposition = ctim.Suspicious
	case bool(k.Whitelisted):
		f.Disposition, f.Severity, f.Reason = ctim.Common, ctim.SeverityInfo, "On a whitelist of AbuseIPDB. "+f.Reason
	case k.TotalReports > 0: // by users whom AbuseIPDB doesn't trust much
		f.Disposition, f.Severity, f.Confidence = ctim.Suspicious, ctim.SeverityLow, ctim.ConfidenceLow
	default:
		return ctim.Finding{}
	}
	f.Key = []string{"overall", f.Disposition.String(), strconv.Itoa(score)}
	return f
}

// seen returns a report as a sighting with a malicious judgement.
func (r report) seen() ctim.Seen {
	s := ctim.Seen{
		At: r.ReportedAt.Time, Title: "Reported to AbuseIPDB", Text: string(r.Comment),
		Disposition: ctim.Malicious, Severity: ctim.SeverityMedium, Priority: reportPriority,
		ValidUntil: r.ReportedAt.AddDate(0, 0, reportDays),
		Key:        []string{r.ReportedAt.UTC().Format(time.RFC3339Nano), strconv.Itoa(int(r.ReporterID)), string(r.Comment)},
	}
	var titles []string
	for _, number := range r.Categories {
		if number < 1 {
			continue
		}
		c := categoryOf(int(number))
		s.PartOf, s.Key, titles = append(s.PartOf, c.part()), append(s.Key, strconv.Itoa(int(number))), append(titles, c.title)
	}
	s.Reason = strings.Join(titles, ", ")
	return s
}
