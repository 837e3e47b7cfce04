package page

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/extract"
	"github.com/serverless-relay/relay/shared/relay"
)

// maxText is the size of the largest text that is searched, in bytes.
const maxText = 4 << 20

// serveExtract answers {"text": S} with the observables in the text.
func serveExtract(w http.ResponseWriter, r *http.Request) {
	var body struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxText)).Decode(&body); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			refuse(w, http.StatusRequestEntityTooLarge, relay.CodeInvalidArgument, "The text is larger than 4 MB: paste a part of it.")
			return
		}
		refuse(w, http.StatusBadRequest, relay.CodeInvalidArgument, `The body is not {"text": "..."}.`)
		return
	}
	answer(w, struct {
		Observables []ctim.Observable `json:"observables"`
	}{append([]ctim.Observable{}, extract.Observables(body.Text)...)})
}
