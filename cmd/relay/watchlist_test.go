package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/shared/console"
)

// watchlistCLI runs the command on a watchlist of its own.
type watchlistCLI struct {
	cli
	file string
}

func newWatchlistCLI(t *testing.T) watchlistCLI {
	t.Helper()
	c := newCLI(t)
	t.Setenv("RELAY_PROVIDER", "watchlist")
	file := filepath.Join(t.TempDir(), "watchlist.db")
	t.Setenv("WATCHLIST_FILE", file)
	return watchlistCLI{c, file}
}

func TestWatchlistUsage(t *testing.T) {
	c := newWatchlistCLI(t)
	for _, args := range [][]string{{"watchlist", "--help"}, {"watchlist", "import", "--help"}, {"watchlist", "add", "--help"}} {
		out, _ := c.run(0, args...)
		want(t, out, "Usage: relay")
	}
	t.Run("setting", func(t *testing.T) {
		t.Setenv("WATCHLIST_VALID_FOR", "soon")
		_, err := c.run(exitFailed, "serve", "--addr", "127.0.0.1:0")
		want(t, err, "setting WATCHLIST_VALID_FOR")
	})
	for _, args := range [][]string{{"watchlist", "import"}, {"watchlist", "list", "--colour"}, {"watchlist", "add", "x.example", "--disposition", "evil"}, {"watchlist", "add", "x.example", "--priority", "101"}} {
		_, err := c.run(exitUsage, args...)
		want(t, err, "relay: ", "--help")
	}
}

func TestAWatchlistByHand(t *testing.T) {
	c := newWatchlistCLI(t)
	out, _ := c.run(0, "watchlist", "add", "evil[.]example", "192.0.2.1", "--title", "Ticket 7", "--subdomains")
	want(t, out, "2 added, 0 updated, 0 unchanged")
	out, _ = c.run(0, "watchlist", "add", "evil.example", "192.0.2.1", "--title", "Ticket 7", "--subdomains")
	want(t, out, "0 added, 0 updated, 2 unchanged")
	_, err := c.run(exitFailed, "watchlist", "add", "good.example", "not a value")
	want(t, err, "not a value: not an address")
	out, _ = c.run(0, "watchlist", "show", "hxxp://www[.]evil.example/x")
	want(t, out, "domain *.evil.example", "Malicious", "Ticket 7", "analyst")
	out, err = c.run(exitFailed, "watchlist", "show", "good.example", "192.0.2.1")
	want(t, err, "good.example: not listed", "1 of 2 values not listed")
	want(t, out, "ip 192.0.2.1")
	out, _ = c.run(0, "watchlist", "list", "--json", "--type", "ip")
	var e struct{ Observable struct{ Value string } }
	if json.Unmarshal([]byte(out), &e) != nil || e.Observable.Value != "192.0.2.1" {
		t.Errorf("list: %s", out)
	}
	out, _ = c.run(0, "watchlist", "list", "--limit", "1", "--disposition", "malicious", "--source", "analyst")
	if lines := strings.Split(out, "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "TYPE") {
		t.Errorf("list: %s", out)
	}
	out, _ = c.run(0, "watchlist", "remove", "evil.example")
	want(t, out, "1 entry removed")
	_, err = c.run(exitFailed, "watchlist", "remove", "evil.example")
	want(t, err, "nothing to remove")
	_, err = c.run(exitFailed, "watchlist", "remove")
	want(t, err, "--source")
	out, _ = c.run(0, "watchlist", "remove", "--source", "analyst")
	want(t, out, "1 entry removed")
	out, _ = c.run(0, "watchlist", "list")
	if out != "" {
		t.Errorf("left: %s", out)
	}
}

func TestAddNeedsForceForWhatConcernsEverybody(t *testing.T) {
	c := newWatchlistCLI(t)
	_, err := c.run(exitFailed, "watchlist", "add", "evil.example", "8.8.8.8", "co.uk")
	want(t, err, "8.8.8.8: a public resolver", "co.uk: ", "nothing is added", "--force")
	if strings.Contains(err, "evil.example") {
		t.Errorf("names a value that concerns few: %s", err)
	}
	_, err = c.run(exitFailed, "watchlist", "show", "evil.example")
	want(t, err, "there is no watchlist")
	out, err := c.run(0, "watchlist", "add", "--force", "8.8.8.8")
	want(t, out, "1 added")
	want(t, err, "8.8.8.8: a public resolver")
	out, _ = c.run(0, "watchlist", "add", "--disposition", "clean", "google.com")
	want(t, out, "1 added")
}

func TestImport(t *testing.T) {
	c := newWatchlistCLI(t)
	list := c.write("block.txt", "# ours\n192.0.2.1\t7\nevil[.]example\nnot-a-value\n192.0.2.1\n300.1.1.1\n")
	good := c.write("good.csv", "type,value,disposition\nip,198.51.100.1,clean\n")
	files := map[string]string{
		"empty":     c.write("empty.txt", ""),
		"cut":       c.write("cut.json", `{"type":"bundle","objects":[{"type":"indicator",`),
		"not UTF-8": c.write("latin.csv", "value\nb\xfccher.example\n\xff\xfe\xfa\n"),
		"binary":    c.write("x.gz", "\x1f\x8b\x08\x00\x00"),
		"other":     c.write("other.json", `{"hello":"world"}`),
		"missing":   filepath.Join(t.TempDir(), "missing.txt"),
		"folder":    t.TempDir(),
	}
	args := []string{"watchlist", "import", list}
	for _, name := range []string{"empty", "cut", "not UTF-8", "binary", "other", "missing", "folder"} {
		args = append(args, files[name])
	}
	out, err := c.run(exitFailed, append(args, good)...)
	want(t, out, "block.txt:4: not-a-value", "block.txt: skipped 1: a duplicate", "block.txt:6: 300.1.1.1", ": 3 added, 0 updated, 0 unchanged,")
	want(t, err, "files could not be read")
	for name, file := range files {
		if name == "not UTF-8" {
			continue // a CSV file is read line by line, and has a good one
		}
		if line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(file) + `(:\d+)?: .+$`).FindString(out); line == "" {
			t.Errorf("%s: no line about %s in\n%s", name, file, out)
		}
	}
	out, _ = c.run(exitFailed, append(args, good)...)
	want(t, out, ": 0 added, 0 updated, 3 unchanged,")

	out, _ = c.run(0, "watchlist", "import", "--json", list)
	var report importer.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if f := report.Files[0]; f.Format != "list" || f.Read != 5 || report.Unchanged != 2 || importer.Count(f.Skipped) != 3 || f.Skipped[0].Places[0].Line != 4 {
		t.Errorf("report %+v", f)
	}
	out, _ = c.runWith(t.Context(), "203.0.113.7\n", 0, "watchlist", "import", "-", "--source", "pipe", "--disposition", "suspicious", "--tag", "x", "--priority", "50", "--valid-for", "48h")
	want(t, out, "1 added")
	out, _ = c.run(0, "watchlist", "show", "203.0.113.7")
	want(t, out, "Suspicious", "pipe", "50", "valid until")
}

// A dry run shows what a file is, and stores nothing.
func TestImportDryRun(t *testing.T) {
	c := newWatchlistCLI(t)
	feed := c.write("feed.csv", "Indicator,Data,Foo\ndomain,evil.example,1\nip,192.0.2.1,2\nja3,abc,3\n")
	out, _ := c.run(0, "watchlist", "import", "--dry-run", feed)
	want(t, out, "feed.csv: csv (line 1 names its columns", `column 1 "Indicator": type (its cells are the names of types)`, `column 2 "Data": value`, `column 3 "Foo": not read`,
		`skipped 1: "ja3" is not a type of observable`, "2 entries; the first:", "domain  evil.example  Malicious", "192.0.2.1")
	unclear := c.write("unclear.csv", "a.example,192.0.2.1\nb.example,192.0.2.2\n")
	out, _ = c.run(exitFailed, "watchlist", "import", "--dry-run", unclear)
	want(t, out, "columns 1 and 2 both have values", `first row "a.example, 192.0.2.1"`, "--columns value=2,type=1")
	_, err := c.run(exitFailed, "watchlist", "list")
	want(t, err, "there is no watchlist")

	out, _ = c.run(0, "watchlist", "import", "--dry-run", "--json", "--columns", "value=2", unclear)
	var preview struct {
		importer.FileReport
		First []entry.Entry `json:"first"`
	}
	if err := json.Unmarshal([]byte(out), &preview); err != nil || preview.Read != 2 || len(preview.First) != 2 || preview.First[1].Observable.Value != "192.0.2.2" {
		t.Errorf("%v in %s", err, out)
	}
	for _, args := range [][]string{{"--columns", "value"}, {"--force"}, {"--password-file", "x"}, {"--user", "x", "--token-file", "y"}, {"--user", "x"}} {
		c.run(exitUsage, append([]string{"watchlist", "import", feed}, args...)...)
	}
	_, err = c.run(exitFailed, "watchlist", "import", "--type", "sha999", feed)
	want(t, err, "unknown observable type sha999")
}

// A list that is complete each time is replaced, unless too little is left of it.
func TestImportReplaces(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "import", c.write("list.txt", "192.0.2.1\n192.0.2.2\n192.0.2.3\n"))
	out, _ := c.run(0, "watchlist", "import", "--replace", c.write("list.txt", "192.0.2.1\n192.0.2.3\n"))
	want(t, out, "0 added, 0 updated, 2 unchanged, 1 removed, 0 skipped")
	_, err := c.run(exitFailed, "watchlist", "show", "192.0.2.2")
	want(t, err, "not listed")
	out, _ = c.run(0, "watchlist", "history", "--limit", "1")
	want(t, out, "removed 1 of list", "ip 192.0.2.2", "malicious by list -> not listed")
	out, _ = c.run(0, "watchlist", "history", "192.0.2.2")
	want(t, out, "removed 1 of list")
	_, err = c.run(exitFailed, "watchlist", "import", "--replace", c.write("list.txt", "192.0.2.9\n"))
	want(t, err, "2 of the 2 entries of list would be removed", "--force")
	c.run(0, "watchlist", "import", "--replace", "--force", c.write("list.txt", "192.0.2.9\n"))
	list, _ := c.run(0, "watchlist", "list")
	if strings.Count(list, "\n") != 2 || !strings.Contains(list, "192.0.2.9") {
		t.Errorf("left %s", list)
	}
}

func TestImportFromAServer(t *testing.T) {
	c := newWatchlistCLI(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"1"`)
		_, _ = w.Write([]byte("192.0.2.1\n"))
	}))
	t.Cleanup(server.Close)
	token := c.write("token", "Bearer t0ken\n")
	out, _ := c.run(exitFailed, "watchlist", "import", server.URL+"/list.txt?key=s3cret")
	want(t, out, "the server refused the credentials")
	out, _ = c.run(0, "watchlist", "import", "--token-file", token, server.URL+"/list.txt?key=s3cret")
	want(t, out, "1 added")
	out, _ = c.run(0, "watchlist", "import", "--token-file", token, "--replace", server.URL+"/list.txt?key=s3cret")
	want(t, out, "nothing new since the last import", "0 added")
	history, _ := c.run(0, "watchlist", "history", "--json")
	if strings.Contains(out+history, "s3cret") || strings.Contains(history, "t0ken") {
		t.Errorf("a secret in %s%s", out, history)
	}
	for _, args := range [][]string{
		{"http://lists.example/x"}, {"--replace", "https://taxii.example/collections/1/objects/"}, {"--token-file", token, "https://a.example/x", "https://b.example/x"}, {"--token-file", "missing", "https://a.example/x"},
	} {
		_, err := c.run(exitFailed, append([]string{"watchlist", "import"}, args...)...)
		if err == "" || strings.Contains(err, "t0ken") {
			t.Errorf("%v: %q", args, err)
		}
	}
}

// A renewed indicator counts, wherever it stands, and importing twice still
// changes nothing.
func TestOfTwoOfOneIdentityTheLongerCounts(t *testing.T) {
	for name, lines := range map[string]string{
		"renewed":   "192.0.2.1,S,2020-01-01\n192.0.2.1,S,2120-01-01\n192.0.2.1,S,2050-01-01\n",
		"unlimited": "192.0.2.1,S,2020-01-01\n192.0.2.1,S,\n192.0.2.1,S,2120-01-01\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := newWatchlistCLI(t)
			file := c.write("list.csv", "value,source,valid_until\n"+lines)
			out, _ := c.run(0, "watchlist", "import", file)
			want(t, out, "1 added", "2 skipped", "list.csv:2: 192.0.2.1", "list.csv:4: 192.0.2.1")
			out, _ = c.run(0, "watchlist", "import", file)
			want(t, out, "0 added, 0 updated, 1 unchanged")
			out, _ = c.run(0, "watchlist", "show", "192.0.2.1")
			if strings.Contains(out, "not valid now") {
				t.Errorf("the expired one is there: %s", out)
			}
		})
	}
}

func TestAnImportThatHangsCanBeInterrupted(t *testing.T) {
	newWatchlistCLI(t)
	ctx, cancel := context.WithCancel(t.Context())
	hanging, _ := io.Pipe() // nobody writes to it
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"watchlist", "import", "-"}, console.Console{In: hanging, Out: io.Discard, Err: io.Discard}, findProvider)
	}()
	cancel()
	if code := <-exit; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

func TestTextsOfOthersGiveTheTerminalNoOrders(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "192.0.2.1", "--title", "\u009b31m\x1b[31mred\u202e", "--description", "a\n  disposition Clean", "--source", "x\ty")
	_, failed := c.run(exitFailed, "watchlist", "show", "\x1b[31m")
	list, _ := c.run(0, "watchlist", "list")
	show, _ := c.run(0, "watchlist", "show", "192.0.2.1")
	for _, command := range [][]string{{"list", "--json"}, {"show", "--json", "192.0.2.1"}, {"history", "--json"}, {"export"}} {
		out, _ := c.run(0, append([]string{"watchlist"}, command...)...)
		if strings.ContainsAny(out, "\x1b\t\u009b\u202e") || !strings.Contains(out, `red\u202e`) {
			t.Errorf("%v: %q", command, out)
		}
	}
	for _, text := range []string{failed, list, show} {
		if strings.ContainsAny(text, "\x1b\t\u202e") || strings.Contains(text, "\n  disposition Clean") {
			t.Errorf("%q", text)
		}
	}
}

func TestMistakesAreFoundBeforeAnythingIsDone(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "192.0.2.1")
	for _, args := range [][]string{
		{"watchlist", "remove", "192.0.2.1", "bad"},
		{"watchlist", "add", "--type", "sha999", "abc"},
		{"watchlist", "list", "--type", "wat"},
		{"watchlist", "add", "--type", "domain", "--subdomains", "com"},
	} {
		c.run(exitFailed, args...)
	}
	for _, args := range [][]string{
		{"watchlist", "add", "192.0.2.2", "--url", "javascript:alert(1)"},
		{"watchlist", "add", "192.0.2.2", "--valid-for", "-1d"},
		{"watchlist", "add", "192.0.2.2", "--valid-for", "soon"},
	} {
		c.run(exitUsage, args...)
	}
	t.Setenv("WATCHLIST_READ_ONLY", "true")
	_, err := c.run(exitFailed, "watchlist", "add", "192.0.2.2")
	want(t, err, "may only be read")
	out, _ := c.run(0, "watchlist", "list")
	if strings.Count(out, "\n") != 2 || !strings.Contains(out, "192.0.2.1") {
		t.Errorf("left: %s", out)
	}
	_, err = c.run(0, "watchlist", "list", "--source", "nobody")
	want(t, err, "no entries")
}

func TestAnImportThatIsInterruptedWhileItReadsStoresNothing(t *testing.T) {
	c := newWatchlistCLI(t)
	list := strings.Repeat("192.0.2.1\n", 100_000)
	ctx, cancel := context.WithCancel(t.Context())
	reader := &interrupting{Reader: strings.NewReader(list), after: len(list) / 2, interrupt: cancel}
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"watchlist", "import", "-"}, console.Console{In: reader, Out: &stdout, Err: &stderr}, findProvider); code != exitInterrupted {
		t.Errorf("exit code %d: %s%s", code, stdout.String(), stderr.String())
	}
	want(t, stdout.String(), "-: interrupted", " 0 added")
	_, err := c.run(0, "watchlist", "list")
	want(t, err, "no entries")
}

// interrupting cancels in the middle of being read.
type interrupting struct {
	io.Reader
	after     int
	interrupt func()
}

func (r *interrupting) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.after -= n; r.after < 0 {
		r.interrupt()
	}
	return n, err
}

func TestExportReadsBack(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "evil.example", "192.0.2.0/24", "--title", "Ticket 7", "--tlp", "amber", "--tag", "a")
	c.run(0, "watchlist", "add", "192.0.2.1", "--title", "\u009bmarks\u202e")
	bundle, _ := c.run(0, "watchlist", "export")
	before, _ := c.run(0, "watchlist", "list", "--json")
	c.file = filepath.Join(t.TempDir(), "second.db")
	t.Setenv("WATCHLIST_FILE", c.file)
	out, _ := c.runWith(t.Context(), bundle, 0, "watchlist", "import", "-")
	want(t, out, "3 added")
	if after, _ := c.run(0, "watchlist", "list", "--json"); after != before {
		t.Errorf("before\n%safter\n%s", before, after)
	}
}

func TestStoresThatCantBeOpened(t *testing.T) {
	c := newWatchlistCLI(t)
	_, err := c.run(exitFailed, "watchlist", "list")
	want(t, err, c.file, "there is no watchlist", "relay watchlist import")
	if e := os.WriteFile(c.file, []byte(strings.Repeat("hello\n", 5000)), 0o600); e != nil {
		t.Fatal(e)
	}
	for _, args := range [][]string{{"watchlist", "list"}, {"watchlist", "add", "192.0.2.1"}, {"serve", "--addr", "127.0.0.1:0"}} {
		_, err := c.run(exitFailed, args...)
		want(t, err, c.file, "not a watchlist", "another format")
	}
}
