package misp

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// stateParam is the actions' parameter: in what state the observable was in
// MISP when they were offered. It tells an action from the next one of its
// kind, so that one that is taken twice is done once.
const stateParam = "misp-state"

// stateLength is how many hexadecimal digits a state has.
const stateLength = 16

// stateOf is a hash of all sightings of the observable. It changes when one is
// added, and not from call to call. Two callers never have the same.
func (s *session) stateOf(findings []finding) string {
	var lines []string
	for _, f := range findings {
		for _, m := range f.matches {
			for _, one := range m.attribute.Sightings {
				lines = append(lines, strings.Join([]string{
					string(m.attribute.UUID), string(one.Type), strconv.FormatInt(one.Date.Unix(), 10), string(one.Source), string(one.OrgID), string(one.Org.Name),
				}, "\x00"))
			}
		}
	}
	slices.Sort(lines)
	hash := ctim.NewExternalID(externalIDPrefix, "state", append(lines, s.caller)...)
	return hash[len(hash)-stateLength:]
}

// isState says whether a text may be a state.
func isState(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == stateLength
}
