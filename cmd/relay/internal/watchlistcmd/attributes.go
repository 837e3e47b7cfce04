package watchlistcmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/flags"
	"github.com/serverless-relay/relay/shared/ctim"
)

// attributes are the flags that say something about entries.
type attributes struct {
	Disposition string     `help:"What it is: clean, malicious, suspicious, common or unknown." enum:",clean,malicious,suspicious,common,unknown" default:"" placeholder:"WORD"`
	Severity    string     `help:"How bad it is: critical, high, medium, low, info or none." enum:",critical,high,medium,low,info,none" default:"" placeholder:"WORD"`
	Confidence  string     `help:"How sure that is: high, medium or low." enum:",high,medium,low" default:"" placeholder:"WORD"`
	TLP         string     `name:"tlp" help:"With whom it may be shared: white, green, amber or red." enum:",white,green,amber,red" default:"" placeholder:"COLOUR"`
	Priority    int        `help:"0 to 100; the highest decides. By hand it is 100, for lists 95." placeholder:"N"`
	Source      string     `help:"Who says so." placeholder:"NAME"`
	Tag         []string   `help:"Tags." placeholder:"TAG"`
	ValidFor    flags.Span `help:"How long it holds, such as 30d or 12h, to the end of the day. Default: while it is listed." placeholder:"TIME"`
	Subdomains  bool       `help:"A domain stands for all below it too."`
}

// Validate implements kong's validation.
func (a *attributes) Validate() error {
	if a.Priority < 0 || a.Priority > 100 {
		return fmt.Errorf("--priority is from 0 to 100")
	}
	return nil
}

func (a *attributes) disposition() ctim.Disposition {
	return map[string]ctim.Disposition{"clean": ctim.Clean, "malicious": ctim.Malicious, "suspicious": ctim.Suspicious,
		"common": ctim.Common, "unknown": ctim.Unknown}[a.Disposition]
}

func (a *attributes) severity() ctim.Severity {
	return map[string]ctim.Severity{"critical": ctim.SeverityCritical, "high": ctim.SeverityHigh, "medium": ctim.SeverityMedium,
		"low": ctim.SeverityLow, "info": ctim.SeverityInfo, "none": ctim.SeverityNone}[a.Severity]
}

func (a *attributes) confidence() ctim.Confidence {
	return map[string]ctim.Confidence{"high": ctim.ConfidenceHigh, "medium": ctim.ConfidenceMedium, "low": ctim.ConfidenceLow}[a.Confidence]
}

// tags are those that have something in them.
func (a *attributes) tags() []string {
	var tags []string
	for _, tag := range a.Tag {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// validUntil is the end of the day on which the time is over, so that doing the
// same again on the same day changes nothing.
func (a *attributes) validUntil(now time.Time) time.Time {
	if a.ValidFor == 0 {
		return time.Time{}
	}
	return now.UTC().Add(time.Duration(a.ValidFor)).Truncate(24 * time.Hour).Add(24 * time.Hour)
}
