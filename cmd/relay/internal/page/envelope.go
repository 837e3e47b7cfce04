package page

import (
	"encoding/json"
	"net/http"

	"github.com/serverless-relay/relay/shared/relay"
)

// envelope is the body of the answers, as in the protocol.
type envelope struct {
	Data   any           `json:"data,omitempty"`
	Errors []relay.Error `json:"errors,omitempty"`
}

func answer(w http.ResponseWriter, data any) { write(w, http.StatusOK, envelope{Data: data}) }

func refuse(w http.ResponseWriter, status int, code relay.Code, message string) {
	write(w, status, envelope{Errors: []relay.Error{{Type: relay.Fatal, Code: code, Message: message}}})
}

func write(w http.ResponseWriter, status int, body envelope) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails if the client is gone
}
