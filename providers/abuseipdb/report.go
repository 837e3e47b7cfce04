package abuseipdb

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
)

// known is the answer about an address.
type known struct {
	// Score is how sure AbuseIPDB is of the abuse. Every answer has it.
	Score       *score       `json:"abuseConfidenceScore"`
	Whitelisted lenient.Flag `json:"isWhitelisted"`
	// UsageType, ISP, Domain and Country describe the network with the address.
	UsageType lenient.Text `json:"usageType"`
	ISP       lenient.Text `json:"isp"`
	Domain    lenient.Text `json:"domain"`
	Country   lenient.Text `json:"countryCode"`
	Tor       lenient.Flag `json:"isTor"`
	// TotalReports and Users count the reports of the age that was asked about.
	TotalReports lenient.Int `json:"totalReports"`
	Users        lenient.Int `json:"numDistinctUsers"`
	Reports      reports     `json:"reports"`
}

// score is a number from 0 to 100.
type score int

// UnmarshalJSON also reads 50.0 and "50".
func (s *score) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || n < 0 || n > 100 {
		return errors.New("not a score from 0 to 100") // without the text, which may be anything
	}
	*s = score(n)
	return nil
}

// report is one user's report of an address.
type report struct {
	ReportedAt lenient.Time  `json:"reportedAt"`
	Comment    lenient.Text  `json:"comment"`
	Categories []lenient.Int `json:"categories"`
	ReporterID lenient.Int   `json:"reporterId"`
}

// maxComment is the length of the longest comment in bytes. The platform accepts 5,000
// characters.
const maxComment = 4 * 5000

// reports keeps the newest of up to ten thousand reports, the newest first.
type reports struct {
	newest []report
	most   int
}

// UnmarshalJSON implements json.Unmarshaler. An invalid report is left out.
func (r *reports) UnmarshalJSON(raw []byte) error {
	r.newest = nil
	each := json.NewDecoder(bytes.NewReader(raw))
	if start, err := each.Token(); err != nil || start != json.Delim('[') {
		return err // null, or another value without reports
	}
	for each.More() {
		var report report
		if each.Decode(&report) != nil || report.ReportedAt.IsZero() {
			continue
		}
		if len(report.Comment) > maxComment {
			report.Comment = lenient.Text(strings.ToValidUTF8(string(report.Comment[:maxComment]), ""))
		}
		r.newest = append(r.newest, report)
		if len(r.newest) >= 2*r.most {
			r.cut()
		}
	}
	r.cut()
	return nil
}

// cut drops the oldest reports. Reports of the same second are ordered by their content,
// so that equal answers are cut in the same way.
func (r *reports) cut() {
	slices.SortFunc(r.newest, func(a, b report) int {
		return cmp.Or(b.ReportedAt.Compare(a.ReportedAt.Time), cmp.Compare(a.ReporterID, b.ReporterID), cmp.Compare(a.Comment, b.Comment), slices.Compare(a.Categories, b.Categories))
	})
	if len(r.newest) > r.most {
		clear(r.newest[r.most:]) // releases their comments
		r.newest = r.newest[:r.most]
	}
}
