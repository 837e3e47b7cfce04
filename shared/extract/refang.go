package extract

import (
	"bytes"
	"regexp"
	"strings"
)

// The ways of defanging that need the text around a value. Package normalize knows
// the others.
var (
	// The words are at most 64 bytes long, so that each is looked at once.
	spelledEmail = regexp.MustCompile(`(?i)\b([\w.+-]{1,64})(?:@| at )([\w-]{1,63}(?: dot [\w-]{1,63}){1,5})\b`)
	spelledDot   = regexp.MustCompile(`(?i) dot `)
	bracketedDot = regexp.MustCompile(`(?i) ?[\[({] ?dot ?[\])}] ?`)
	bracketedAt  = regexp.MustCompile(`(?i) ?(?:[\[({] ?(?:at|@) ?[\])}]|@[\])}]) ?`)
	bracketed    = regexp.MustCompile(`[\[({]/[\])}]`)
	scheme       = regexp.MustCompile(`(?i)\b(h(?:tt|xx|xt|tx)ps?|h\*\*ps?|meows?|f[tx]p|ftps|sftp|tcp|udp)(?:__|[\[({]?:[\])}]?[/\\]{1,3}[\])}]?)`)
	// The mail gateway of Cisco puts spaces into a URL.
	spacedLink = regexp.MustCompile(`(?i)\b([a-z*]{3,5})://\s{1,2}([\w-]+(?:\s?\.[\w-]+)+)(\s/\S*)?`)
	spaces     = strings.NewReplacer(" ", "", "\t", "")
)

// refang restores the values of a line. Most lines contain few of the characters that
// defanging adds, and need few of the searches.
func refang(line string) string {
	brackets := strings.ContainsAny(line, `[({\])}`)
	if brackets {
		line = bracketed.ReplaceAllString(line, "/")
	}
	if strings.Contains(line, ":") || strings.Contains(line, "__") {
		line = scheme.ReplaceAllString(line, "$1://")
	}
	if brackets {
		line = bracketedDot.ReplaceAllString(line, ".")
		line = bracketedAt.ReplaceAllString(line, "@")
	}
	if strings.Contains(strings.ToLower(line), " dot ") {
		line = spelledEmail.ReplaceAllStringFunc(line, func(match string) string {
			return strings.Replace(spelledDot.ReplaceAllString(match, "."), " at ", "@", 1)
		})
	}
	if brackets {
		line = refangDots(line)
	}
	if strings.Contains(line, ":// ") || strings.Contains(line, "://\t") {
		line = spacedLink.ReplaceAllStringFunc(line, spaces.Replace)
	}
	return line
}

// refangDots restores dots in brackets: "[.]", "(.)", "[ . ]", and also those with
// one bracket between letters or digits: "[.", ".)". It removes a backslash before a dot.
func refangDots(line string) string {
	var out []byte
	for i := 0; i < len(line); i++ {
		if line[i] != '.' {
			out = append(out, line[i])
			continue
		}
		left, opened := cutOpening(out)
		right, closed := cutClosing(line[i+1:])
		if opened && closed {
			left, right = bytes.TrimSuffix(left, space), strings.TrimPrefix(right, " ")
		}
		isName := len(left) > 0 && isWordByte(left[len(left)-1]) && right != "" && isWordByte(right[0])
		if isName && (opened || closed || len(left) < len(out)) {
			out, i = left, len(line)-len(right)-1
		}
		out = append(out, '.')
	}
	return string(out)
}

var space = []byte(" ")

// cutOpening removes a backslash and an opening bracket from the end.
func cutOpening(text []byte) (rest []byte, opened bool) {
	text = bytes.TrimSuffix(text, []byte(`\`))
	rest = bytes.TrimSuffix(text, space)
	if n := len(rest); n > 0 && strings.IndexByte("[({", rest[n-1]) >= 0 {
		return rest[:n-1], true
	}
	return text, false
}

// cutClosing removes a closing bracket from the beginning.
func cutClosing(text string) (rest string, closed bool) {
	rest = strings.TrimPrefix(text, " ")
	if rest != "" && strings.IndexByte("])}", rest[0]) >= 0 {
		return rest[1:], true
	}
	return text, false
}

// isWordByte reports whether a byte can be next to a dot in a name. Bytes of
// characters outside ASCII can.
func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= 0x80
}
