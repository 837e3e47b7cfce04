package abuseipdb

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/abuseipdb/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
)

// externalIDPrefix begins the external ids of judgements and sightings.
const externalIDPrefix = "abuseipdb"

const (
	// maliciousFrom is the score from which an address is malicious; below it is
	// suspicious.
	maliciousFrom = 86
	// The overall judgement is of today, and AbuseIPDB's own; a report is of one
	// user and of its day. So the former decides, whatever the latter say.
	overallPriority, reportPriority = ctim.PriorityAutomated, 85
	overallDays, reportDays         = 30, 7
)

// finding is what AbuseIPDB says about an observable.
type finding struct {
	// observable is as the platform wrote it: it wants that back.
	observable ctim.Observable
	page       string
	check      client.Check
	maxAge     int
	now        time.Time
	// told are the categories whose indicators the answer has.
	told map[int]bool
}

// overall is AbuseIPDB's own judgement, from which the verdict comes. There is
// none on an address that nobody reported: that AbuseIPDB doesn't know it makes
// it neither suspicious nor clean.
func (f finding) overall() []ctim.Judgement {
	score := *f.check.Score
	reports := fmt.Sprintf("Abuse confidence score %d%%: %d reports by %d users in %d days", score, f.check.TotalReports, f.check.Users, f.maxAge)
	j := ctim.Judgement{
		Observable: f.observable,
		Severity:   ctim.SeverityMedium,
		Confidence: ctim.ConfidenceMedium,
		Priority:   overallPriority,
		Reason:     ctim.ShortString(reports),
		ReasonURI:  f.page,
	}
	switch {
	case f.check.Whitelisted:
		j.Disposition, j.Severity, j.Reason = ctim.Clean, ctim.SeverityNone, "On a whitelist of AbuseIPDB. "+j.Reason
	case score >= maliciousFrom:
		j.Disposition, j.Confidence = ctim.Malicious, ctim.ConfidenceHigh
	case score > 0:
		j.Disposition = ctim.Suspicious
	case f.check.TotalReports > 0: // by users whom AbuseIPDB doesn't trust much
		j.Disposition, j.Severity, j.Confidence = ctim.Suspicious, ctim.SeverityLow, ctim.ConfidenceLow
	default:
		return nil
	}
	j.Base = f.base("judgement", "overall", j.Disposition.String(), strconv.Itoa(score))
	// The day and not the minute, so that the same question has the same answer.
	today := f.now.UTC().Truncate(24 * time.Hour)
	j.ValidTime = ctim.Between(today, today.AddDate(0, 0, overallDays))
	return []ctim.Judgement{j}
}

// addReport adds what one report says: that its user holds the address to be
// malicious, that the user saw it, and what it did.
func (f finding) addReport(b *ctim.Bundle, r client.Report) {
	var categories []category
	var titles []string
	content := []string{r.ReportedAt.UTC().Format(time.RFC3339Nano), strconv.Itoa(r.ReporterID), r.Comment}
	for _, number := range r.Categories {
		if number < 1 {
			continue
		}
		c := categoryOf(number)
		categories, titles, content = append(categories, c), append(titles, c.title), append(content, c.id())
	}
	judgement := ctim.Judgement{
		Base:        f.base("judgement", content...),
		Observable:  f.observable,
		Disposition: ctim.Malicious,
		Severity:    ctim.SeverityMedium,
		Confidence:  ctim.ConfidenceMedium,
		Priority:    reportPriority,
		ValidTime:   ctim.Between(r.ReportedAt, r.ReportedAt.AddDate(0, 0, reportDays)),
		Reason:      ctim.ShortString(strings.Join(titles, ", ")),
		ReasonURI:   f.page,
	}
	sighting := ctim.Sighting{
		Base:         f.base("sighting", content...),
		Text:         ctim.Text{Title: "Reported to AbuseIPDB", Description: ctim.LongString(r.Comment)},
		Confidence:   ctim.ConfidenceMedium,
		Count:        1,
		ObservedTime: ctim.ObservedTime{Start: ctim.At(r.ReportedAt), End: ctim.At(r.ReportedAt)},
		Observables:  []ctim.Observable{f.observable},
		Relations:    f.relations(),
	}
	sighting.ExternalReferences = []ctim.ExternalReference{{SourceName: title, URL: f.page}}
	b.Judgements = append(b.Judgements, judgement)
	b.Sightings = append(b.Sightings, sighting)
	for _, c := range categories {
		if !f.told[c.number] {
			f.told[c.number] = true
			b.Indicators = append(b.Indicators, c.indicator())
		}
		b.Relationships = append(b.Relationships,
			ctim.Relate(judgement.ID, ctim.BasedOn, c.indicatorID()),
			ctim.Relate(sighting.ID, ctim.SightingOf, c.indicatorID()))
	}
}

// relations tell which domain belongs to the address.
func (f finding) relations() []ctim.Relation {
	if f.check.Domain == "" {
		return nil
	}
	return []ctim.Relation{{
		Origin:    title,
		OriginURI: f.page,
		Relation:  ctim.RelationResolvedTo,
		Source:    ctim.Observable{Type: ctim.TypeDomain, Value: f.check.Domain},
		Related:   f.observable,
	}}
}

// base is what judgements and sightings have in common. The ids come from the
// observable and what is said.
func (f finding) base(kind string, more ...string) ctim.Base {
	content := append([]string{externalIDPrefix, string(f.observable.Type), f.observable.Value}, more...)
	return ctim.Base{
		ID:          ctim.NewID(kind, content...),
		ExternalIDs: []string{ctim.NewExternalID(externalIDPrefix, kind, content...)},
		Source:      title,
		SourceURI:   f.page,
	}
}
