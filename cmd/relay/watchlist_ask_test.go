package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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
	utf16 := "\xff\xfe"
	for _, character := range "see evil[.]example\r\n" {
		utf16 += string(character) + "\x00"
	}
	out, _ = c.run(0, "ask", c.write("unicode.txt", utf16))
	want(t, out, "evil.example", "Malicious")
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

// A running relay is asked over the network, and its errors are shown.
func TestAskURL(t *testing.T) {
	c := newWatchlistCLI(t)
	s := newServed(t)
	home, _, _ := strings.Cut(s.url, "/observe/")
	out, _ := c.run(0, "ask", "192.0.2.66", "--url", home)
	want(t, out, "192.0.2.66")
	t.Setenv("RELAY_JWT", "a.b.c")
	out, err := c.run(exitFailed, "ask", "192.0.2.66", "192.0.2.67", "--url", home)
	want(t, out, "no answer", "authorization error), for 2 observables")
	want(t, err, "2 answers are missing")
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	gateway := httptest.NewServer(http.NotFoundHandler())
	defer gateway.Close()
	out, _ = c.run(exitFailed, "ask", "192.0.2.66", "--url", gateway.URL)
	want(t, out, "HTTP status 404")
}
