package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A text is asked about without a relay, as a table and as a snapshot.
func TestAsk(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "evil.example", "--title", "Ticket")
	mail := c.write("mail.txt", "It links to hxxps://www.evil[.]example/a and 192.0.2.1.\n")
	out, _ := c.run(0, "ask", mail, "evil.example", `file_name:"a b.exe"`, "evil.example")
	want(t, out, "OBSERVABLE", "https://www.evil.example/a", "192.0.2.1", "a b.exe", "Malicious")
	if n := strings.Count(out, "\n"); n != 5 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	out, _ = c.runWith(t.Context(), "evil[.]example", 0, "ask", "-", "--json")
	var snapshot struct {
		Search  string `json:"search-txt"`
		Actions []struct {
			Type   string
			Args   struct{ Observable struct{ Value string } }
			Result struct {
				Data []struct {
					Module string
					Data   struct{ Verdicts struct{ Count int } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &snapshot); err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Actions) != 2 || snapshot.Search != `domain:"evil.example"` || snapshot.Actions[0].Type != "collect" {
		t.Fatalf("got %s", out)
	}
	if a := snapshot.Actions[1]; a.Type != "investigate" || a.Args.Observable.Value != "evil.example" || a.Result.Data[0].Module != "Watchlist" || a.Result.Data[0].Data.Verdicts.Count != 1 {
		t.Errorf("got %s", out)
	}
}
