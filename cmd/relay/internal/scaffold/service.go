package scaffold

import (
	"fmt"
	"regexp"
	"strings"
)

// service is the file by which the relay is deployed.
const service = "serverless.yml"

// settingsHere is a part of the comment below which serverless.yml hands
// settings on from the environment.
const settingsHere = "provider's own settings belong here"

// handOn has serverless.yml hand a provider's settings on to the functions.
func (t *Tree) handOn(settings []string) error {
	if !t.has(service) {
		return nil
	}
	return t.edit(service, func(text []byte) ([]byte, error) {
		out, ok := withSettings(string(text), settings)
		if !ok {
			t.note("Left to you: %s has no comment %q any more, so it doesn't hand %s on", service, settingsHere, strings.Join(settings, " and "))
		}
		return []byte(out), nil
	})
}

var settingLine = regexp.MustCompile(`^( +)[A-Z][A-Z0-9_]*:`)

// withSettings adds lines for settings to those that are handed on.
func withSettings(text string, settings []string) (out string, ok bool) {
	var b strings.Builder
	below := false
	for line := range strings.Lines(text) {
		if below && !ok && !settingLine.MatchString(line) {
			b.WriteString(added(b.String(), settings))
			ok = true
		}
		below = below || strings.Contains(line, settingsHere)
		b.WriteString(line)
	}
	return b.String(), ok
}

// added are the lines for settings, indented as the last line of a text.
func added(text string, settings []string) string {
	last := text[strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1:]
	indent := last[:len(last)-len(strings.TrimLeft(last, " "))]
	var b strings.Builder
	for _, name := range settings {
		fmt.Fprintf(&b, "%s%s: ${env:%s, ''}\n", indent, name, name)
	}
	return b.String()
}

// withoutSettings is serverless.yml without the lines for a provider's settings.
func withoutSettings(text, name string) string {
	own := regexp.MustCompile(`(?m)^ +` + envPrefix(name) + `[A-Z0-9_]+:.*\n`)
	return own.ReplaceAllString(text, "")
}
