package relay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// envelope is the body of every answer but /version's. Data is left out where
// there is none, and so are errors.
type envelope struct {
	Data   any     `json:"data,omitempty"`
	Errors []Error `json:"errors,omitempty"`
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
		failed := Errorf(CodeInternal, "The answer could not be written as JSON.")
		failed.Type = Fatal
		body, _ = json.Marshal(envelope{Errors: []Error{*failed}})
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

// fit cuts an answer that is too large to send. The answer has n parts;
// shrink(k) is what it is with the k most important ones. An answer that fits
// is sent as it is. The number that fits is reckoned from the size and not
// searched for: writing megabytes of JSON takes a small Lambda a while.
func fit(whole envelope, n int, shrink func(k int) any) []byte {
	body := whole.marshal()
	for k := n; sentSize(body) > maxAnswer; {
		k = min(k-1, k*(maxAnswer/100*98)/sentSize(body))
		if k < 1 {
			return envelope{Errors: append(whole.Errors, cutWarning(0, n))}.marshal()
		}
		part := envelope{Data: shrink(k), Errors: append(whole.Errors[:len(whole.Errors):len(whole.Errors)], cutWarning(k, n))}
		body = part.marshal()
	}
	return body
}

func cutWarning(kept, of int) Error {
	return Error{Type: Warning, Code: CodeInvalidArgument, Message: fmt.Sprintf(
		"The answer was larger than the 6 MB that can be sent and was cut to the first or newest %d of %d. Ask about fewer observables at once.", kept, of)}
}
