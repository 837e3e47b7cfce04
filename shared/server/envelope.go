package server

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/serverless-relay/relay/shared/relay"
)

// envelope is the body of every answer but /version's. Data is left out where
// there is none, and so are errors.
type envelope struct {
	Data   any           `json:"data,omitempty"`
	Errors []relay.Error `json:"errors,omitempty"`
}

// docs is a list of entities as it stands in an answer.
type docs[T any] struct {
	Count int `json:"count"`
	Docs  []T `json:"docs"`
}

// newDocs is nil for no entities: they are left out of the answer.
func newDocs[T any](entities []T) *docs[T] {
	if len(entities) == 0 {
		return nil
	}
	return &docs[T]{len(entities), entities}
}

// writeJSON sends a body. All answers of the protocol have status 200, errors
// too: the platform reads the body.
func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may be gone; nobody else can be told
}

// marshal writes the envelope. What can't be written is our own mistake, and
// becomes an answer that says so.
func (e envelope) marshal() []byte {
	body, err := json.Marshal(e)
	if err != nil {
		failed := relay.Errorf(relay.CodeInternal, "The answer could not be written as JSON.")
		failed.Type = relay.Fatal
		body, _ = json.Marshal(envelope{Errors: []relay.Error{*failed}})
	}
	return body
}

// maxAnswer is how large an answer may be, in bytes as Lambda sends it. Lambda
// allows 6,291,556; what the gateway adds around the body is taken off.
const maxAnswer = 6*1024*1024 - 16*1024

// sentSize is the size of a body within Lambda's response, where it is a JSON
// string: quotes and backslashes count twice there.
func sentSize(body []byte) int {
	return len(body) + bytes.Count(body, []byte{'"'}) + bytes.Count(body, []byte{'\\'})
}

// fit returns the answer, cut to what Lambda can send. How much fits is estimated
// from the size and not searched for: writing megabytes of JSON takes a small
// Lambda a while.
func fit(c content, errors []relay.Error) []byte {
	body := envelope{c.data(c.parts), errors}.marshal()
	for k := c.parts; sentSize(body) > maxAnswer; {
		k = min(k-1, k*(maxAnswer/100*98)/sentSize(body))
		if k < 1 {
			return envelope{Errors: append(errors, cutWarning(0, c.parts))}.marshal()
		}
		body = envelope{c.data(k), append(errors[:len(errors):len(errors)], cutWarning(k, c.parts))}.marshal()
	}
	return body
}

func cutWarning(kept, of int) relay.Error {
	return *relay.Warningf(relay.CodeInvalidArgument,
		"The answer exceeded the 6 MB that can be sent and was cut to the first or newest %d of %d. Ask about fewer observables in one request.", kept, of)
}
