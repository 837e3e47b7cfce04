package server

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/serverless-relay/relay/shared/relay"
)

// envelope is the body of all answers except /version's.
type envelope struct {
	Data   any           `json:"data,omitempty"`
	Errors []relay.Error `json:"errors,omitempty"`
}

// writeJSON sends a body. The protocol's answers have status 200 even if they
// contain errors.
func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails if the client is gone
}

// marshal returns the envelope as JSON. Data that can't be written is a bug, and
// becomes a fatal error.
func (e envelope) marshal() []byte { return e.marshalInto(make([]byte, 0, usualAnswer)) }

// marshalInto is marshal, but may overwrite body. Its result may share the memory.
func (e envelope) marshalInto(body []byte) []byte {
	if data, ok := e.Data.(observeData); ok {
		body = data.appendJSON(append(body[:0], `{"data":`...))
		if len(e.Errors) > 0 {
			errors, _ := json.Marshal(e.Errors) // strings can't fail
			body = append(append(body, `,"errors":`...), errors...)
		}
		return append(body, '}')
	}
	body, err := json.Marshal(e)
	if err != nil {
		failed := relay.Errorf(relay.CodeInternal, "The answer could not be written as JSON.")
		failed.Type = relay.Fatal
		body, _ = json.Marshal(envelope{Errors: []relay.Error{*failed}})
	}
	return body
}

// usualAnswer is more than the size of most answers, in bytes.
const usualAnswer = 8 << 10

// maxAnswer is the size of the largest answer, in bytes as sent by Lambda. Lambda's
// limit is 6,291,556 bytes, including what the gateway adds to the body.
const maxAnswer = 6*1024*1024 - 16*1024

// sentSize returns the size of a body in Lambda's response. There it is a JSON
// string, in which quotes and backslashes count twice.
func sentSize(body []byte) int {
	return len(body) + bytes.Count(body, []byte{'"'}) + bytes.Count(body, []byte{'\\'})
}

// fit returns the answer, cut to limit bytes. It estimates how much fits from the size
// instead of searching, because a small Lambda needs long to write megabytes of JSON.
func fit(c content, errors []relay.Error, limit int) []byte {
	body := envelope{c.data(c.parts), errors}.marshal()
	for k := c.parts; sentSize(body) > limit; {
		k = min(k-1, k*(limit/100*98)/sentSize(body))
		if k < 1 {
			return envelope{Errors: append(errors, cutWarning(0, c.parts))}.marshal()
		}
		body = envelope{c.data(k), append(errors[:len(errors):len(errors)], cutWarning(k, c.parts))}.marshalInto(body)
	}
	return body
}

func cutWarning(kept, total int) relay.Error {
	return *relay.Warningf(relay.CodeInvalidArgument,
		"The answer exceeded the limit of 6 MB and was cut to the first or newest %d of %d. Ask about fewer observables in one request.", kept, total)
}
