package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/serverless-relay/relay/cmd/relay/internal/examples"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// tokenLifetime is how long the printed tokens are valid.
const tokenLifetime = 24 * time.Hour

// printRequest prints a command line that queries the relay for an observable.
// Without a token, it prints how to get one.
func printRequest(w io.Writer, home, token string, d relay.Declaration, claims map[string]any, question ctim.Observable) error {
	if question.Value == "" && len(d.ObservableTypes) > 0 {
		question = examples.Observable(d.ObservableTypes[0])
	}
	body, err := json.Marshal([]ctim.Observable{question})
	if err != nil {
		return err
	}
	authorization := `"Authorization: Bearer $TOKEN"`
	if token != "" {
		authorization = "'Authorization: Bearer " + token + "'"
		for _, name := range d.RequiredCredentials() {
			if claims[name] == nil {
				fmt.Fprintf(w, "The token lacks a credential that %s needs: pass --claim %s\n", d.Title, name)
			}
		}
	} else {
		fmt.Fprintln(w, "TOKEN is a token for this relay. --token prints one, and relay jwt STAGE makes one.")
	}
	_, err = fmt.Fprintf(w, `
Try it:

  curl -s '%s/observe/observables' \
    -H %s \
    -d '%s'

Ctrl-C stops it.

`, home, authorization, strings.ReplaceAll(string(body), "'", `\u0027`))
	return err
}
