package client

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Check is what AbuseIPDB knows about an address.
type Check struct {
	// Score is how sure AbuseIPDB is that the address is abusive, from 0 to 100.
	// It is there in every answer.
	Score *int `json:"abuseConfidenceScore"`
	// Whitelisted says that the address is on one of AbuseIPDB's whitelists.
	Whitelisted bool `json:"isWhitelisted"`
	// Domain is one that belongs to the address, empty where none is known.
	Domain string `json:"domain"`
	// TotalReports and Users are how many reports there are of the age that was
	// asked about, and of how many users.
	TotalReports int     `json:"totalReports"`
	Users        int     `json:"numDistinctUsers"`
	Reports      Reports `json:"reports"`
}

// Report is somebody's word that an address did something bad.
type Report struct {
	ReportedAt time.Time `json:"reportedAt"`
	Comment    string    `json:"comment"`
	// Categories are numbers of https://www.abuseipdb.com/categories.
	Categories []int `json:"categories"`
	ReporterID int   `json:"reporterId"`
}

// maxComment is how much of a comment is kept, in bytes: 5,000 characters, as
// many as the platform takes.
const maxComment = 4 * 5000

// Reports are the newest of the reports in an answer, the newest first. There
// may be ten thousand of them: only as many as are wanted are held in memory.
type Reports struct {
	Newest []Report
	// Left is how many more there were in the answer.
	Left int
	most int
}

// UnmarshalJSON implements json.Unmarshaler. A report that isn't one as
// documented is left out, and costs no other.
func (r *Reports) UnmarshalJSON(raw []byte) error {
	r.Newest, r.Left = nil, 0
	each := json.NewDecoder(bytes.NewReader(raw))
	if start, err := each.Token(); err != nil || start != json.Delim('[') {
		return err // null, or something else that has no reports in it
	}
	for each.More() {
		var report Report
		if each.Decode(&report) != nil || report.ReportedAt.IsZero() {
			continue
		}
		if len(report.Comment) > maxComment {
			report.Comment = strings.ToValidUTF8(report.Comment[:maxComment], "")
		}
		r.Newest = append(r.Newest, report)
		if len(r.Newest) >= 2*r.most {
			r.cut()
		}
	}
	r.cut()
	return nil
}

// cut keeps as many as are wanted. The order of reports of one second is that
// of their content, so that the same answer is cut in the same way.
func (r *Reports) cut() {
	slices.SortFunc(r.Newest, func(a, b Report) int {
		return cmp.Or(b.ReportedAt.Compare(a.ReportedAt), cmp.Compare(a.ReporterID, b.ReporterID), cmp.Compare(a.Comment, b.Comment), slices.Compare(a.Categories, b.Categories))
	})
	if len(r.Newest) > r.most {
		r.Left += len(r.Newest) - r.most
		clear(r.Newest[r.most:]) // their comments needn't stay in memory
		r.Newest = r.Newest[:r.most]
	}
}
