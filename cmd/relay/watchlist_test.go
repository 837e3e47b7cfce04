package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/bolt"
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
	return watchlistCLI{c, os.Getenv("WATCHLIST_FILE")}
}

func TestWatchlistUsage(t *testing.T) {
	c := newWatchlistCLI(t)
	for _, args := range [][]string{{"watchlist", "--help"}, {"watchlist", "import", "--help"}, {"watchlist", "add", "--help"}} {
		out, _ := c.run(0, args...)
		want(t, out, "Usage: relay")
	}
	t.Run("setting", func(t *testing.T) {
		t.Setenv("WATCHLIST_VALID_FOR", "soon")
		_, err := c.run(exitFailed, "serve")
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
	if strings.Count(out, "\n") != 1 {
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
	want(t, out, "block.txt:4: not-a-value", "block.txt: skipped 1: a repetition", "block.txt:6: 300.1.1.1", ": 3 added, 0 updated, 0 unchanged,")
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
	var report importReport
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if f := report.Files[0]; f.Format != "list" || f.Read != 5 || f.Unchanged != 2 || len(f.Skipped) != 3 || f.Skipped[0].Line != 4 {
		t.Errorf("report %+v", f)
	}
	out, _ = c.runWith(t.Context(), "203.0.113.7\n", 0, "watchlist", "import", "-", "--source", "pipe", "--disposition", "suspicious", "--tag", "x", "--priority", "50", "--valid-for", "48h")
	want(t, out, "1 added")
	out, _ = c.run(0, "watchlist", "show", "203.0.113.7")
	want(t, out, "Suspicious", "pipe", "50", "valid until")
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
		exit <- run(ctx, []string{"watchlist", "import", "-"}, console{hanging, io.Discard, io.Discard, findProvider})
	}()
	cancel()
	if code := <-exit; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
}

func TestTextsOfOthersGiveTheTerminalNoOrders(t *testing.T) {
	c := newWatchlistCLI(t)
	c.run(0, "watchlist", "add", "192.0.2.1", "--title", "\x1b[31mred\u202e", "--description", "a\n  disposition Clean", "--source", "x\ty")
	_, failed := c.run(exitFailed, "watchlist", "show", "\x1b[31m")
	list, _ := c.run(0, "watchlist", "list")
	show, _ := c.run(0, "watchlist", "show", "192.0.2.1")
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
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, "192.0.2.1") {
		t.Errorf("left: %s", out)
	}
	_, err = c.run(0, "watchlist", "list", "--source", "nobody")
	want(t, err, "no entries")
}

func TestAnInterruptedImportLeavesTheStoreWhole(t *testing.T) {
	c := newWatchlistCLI(t)
	var list strings.Builder
	for i := range 3 * fileBatch {
		fmt.Fprintf(&list, "10.%d.%d.%d\n", i>>16&255, i>>8&255, i&255)
	}
	ctx, cancel := context.WithCancel(t.Context())
	reader := &interrupting{Reader: strings.NewReader(list.String()), after: list.Len() / 2, interrupt: cancel}
	var stdout, stderr bytes.Buffer
	if code := run(ctx, []string{"watchlist", "import", "-"}, console{reader, &stdout, &stderr, findProvider}); code != exitInterrupted {
		t.Errorf("exit code %d: %s%s", code, stdout.String(), stderr.String())
	}
	want(t, stdout.String(), "-: interrupted")
	added := regexp.MustCompile(`: ([\d,]+) added`).FindStringSubmatch(stdout.String())
	store, err := bolt.Open(c.file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := watchlist.Listed(t.Context(), store, time.Now())
	if err != nil || n == 0 || n >= 3*fileBatch || added == nil || added[1] != thousands(n) {
		t.Errorf("%d entries, %v; %s", n, err, stdout.String())
	}
	_ = store.Close()
	out, _ := c.runWith(t.Context(), list.String(), 0, "watchlist", "import", "-")
	want(t, out, fmt.Sprintf("%s added, 0 updated, %s unchanged", thousands(3*fileBatch-n), thousands(n)))
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
	bundle, _ := c.run(0, "watchlist", "export")
	before, _ := c.run(0, "watchlist", "list")
	c.file = filepath.Join(t.TempDir(), "second.db")
	t.Setenv("WATCHLIST_FILE", c.file)
	out, _ := c.runWith(t.Context(), bundle, 0, "watchlist", "import", "-")
	want(t, out, "2 added")
	if after, _ := c.run(0, "watchlist", "list"); after != before {
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
