package akamai

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/serverless-relay/relay/shared/relaytest"
)

// What another relay answered to the same answers of Akamai lies in a folder "shared"
// beside the checkout.
func TestRecorded(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/recorded/akamai.json")
	if err != nil {
		t.Skip("the recorded answers are not here")
	}
	var recorded struct {
		Cases []struct {
			Test, Route string
			Request     json.RawMessage
			ThirdParty  []struct {
				Method string
				Status int
				Answer json.RawMessage
			} `json:"third_party"`
			Expected relaytest.Answer
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, c := range recorded.Cases {
		t.Run(c.Test, func(t *testing.T) {
			third := c.ThirdParty[0]
			r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != third.Method && third.Status == http.StatusOK {
					_, _ = io.WriteString(w, `{"uniqueId":"nli","syncPoint":1,"list":["1.1.1.1"]}`) // the other relay didn't look first
					return
				}
				w.WriteHeader(third.Status)
				_, _ = w.Write(third.Answer)
			}), options())
			got := r.Post(t.Context(), t, c.Route, c.Request)
			if got.Codes() != c.Expected.Codes() || c.Expected.Data != nil && status(got) != status(c.Expected) {
				t.Errorf("got %s, want %s %s", got.Raw, c.Expected.Codes(), c.Expected.Data)
			}
		})
	}
}

func status(a relaytest.Answer) string {
	var data struct{ Status string }
	_ = json.Unmarshal(a.Data, &data)
	return data.Status
}
