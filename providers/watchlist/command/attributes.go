package command

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// attributes are the flags for properties of entries.
type attributes struct {
	Disposition string       `help:"The disposition: clean, malicious, suspicious, common or unknown." enum:",clean,malicious,suspicious,common,unknown" default:"" placeholder:"WORD"`
	Severity    string       `help:"The severity: critical, high, medium, low, info or none." enum:",critical,high,medium,low,info,none" default:"" placeholder:"WORD"`
	Confidence  string       `help:"The confidence: high, medium or low." enum:",high,medium,low" default:"" placeholder:"WORD"`
	TLP         string       `name:"tlp" help:"The traffic light protocol's colour: white, green, amber or red." enum:",white,green,amber,red" default:"" placeholder:"COLOUR"`
	Priority    priority     `help:"1 to 100. The highest decides. Default: 100 for added values, 95 for imported lists." placeholder:"N"`
	Source      string       `help:"The name of the source." placeholder:"NAME"`
	Tag         []string     `help:"Tags." placeholder:"TAG"`
	ValidFor    console.Span `help:"How long the entries are valid, such as 30d or 12h, rounded up to the end of a day in UTC. Default: no end." placeholder:"TIME"`
	Subdomains  bool         `help:"Domains cover their subdomains."`
}

// priority is the flag --priority. It is 0 without the flag.
type priority int

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *priority) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > 100 {
		return errors.New("must be from 1 to 100")
	}
	*p = priority(n)
	return nil
}

// words returns the disposition, the severity and the confidence. They are empty
// without their flags, whose words kong has checked.
func (a *attributes) words() (d ctim.Disposition, s ctim.Severity, c ctim.Confidence) {
	d, _ = formats.ParseDisposition(a.Disposition)
	s, _ = formats.ParseSeverity(a.Severity)
	c, _ = formats.ParseConfidence(a.Confidence)
	return d, s, c
}

// tags returns the tags that are not blank.
func (a *attributes) tags() []string {
	var tags []string
	for _, tag := range a.Tag {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// validUntil returns the end of the entries: that of a day, so that repeating the
// command on the same day has no effect. It is zero without --valid-for.
func (a *attributes) validUntil(now time.Time) time.Time {
	if a.ValidFor == 0 {
		return time.Time{}
	}
	return now.UTC().Add(time.Duration(a.ValidFor)).Truncate(24 * time.Hour).Add(24 * time.Hour)
}
