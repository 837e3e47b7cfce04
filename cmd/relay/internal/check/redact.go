package check

import (
	"bytes"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/redact"
	"github.com/serverless-relay/relay/shared/relay"
)

// redactor takes the token and its claims out of texts that quote answers: a
// claim may be a credential.
type redactor struct{ own token }

// minSegment is the least length of a token's part that is taken out by itself,
// in characters: a shorter one is likely to be part of other words.
const minSegment = 16

// from is the text without the secrets.
func (r redactor) from(text string) string {
	const hidden = "[redacted]"
	text = strings.ReplaceAll(text, r.own.encoded, hidden)
	for _, part := range []string{r.own.payload, r.own.signature} {
		if len(part) >= minSegment {
			text = strings.ReplaceAll(text, part, hidden)
		}
	}
	return r.withoutBeginnings(redact.New(relay.NewClaims(r.own.claims).Texts()...).Text(text))
}

// withoutBeginnings takes out what is left of the token's parts in a text that
// was cut off.
func (r redactor) withoutBeginnings(text string) string {
	for _, part := range []string{r.own.encoded, r.own.payload, r.own.signature} {
		if len(part) < minSegment {
			continue
		}
		for {
			at := strings.Index(text, part[:minSegment])
			if at < 0 {
				break
			}
			end := at
			for end < len(text) && end-at < len(part) && text[end] == part[end-at] {
				end++
			}
			text = text[:at] + "[redacted]" + text[end:]
		}
	}
	return text
}

// leaks finds an answer that repeats the token: it would stand in logs.
func (r *runner) leaks(a answer) []rules.Problem {
	if signature := r.token.signature; len(signature) >= minSegment && bytes.Contains(a.body, []byte(signature)) {
		return problem("", "the answer repeats the token")
	}
	return nil
}
