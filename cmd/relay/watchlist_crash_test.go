package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim"
)

// kill ends a process as a power cut does.
func kill(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // its error is that it was killed
}

// openStore opens the watchlist of the environment.
func openStore(t *testing.T) entry.Store {
	t.Helper()
	settings, err := watchlist.LoadSettings()
	if err != nil {
		t.Fatal(err)
	}
	store, err := watchlist.OpenStore(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// onEachStore runs a test on a file and on a table. The environment names the
// store.
func onEachStore(t *testing.T, test func(t *testing.T, c watchlistCLI)) {
	t.Run("file", func(t *testing.T) { test(t, newWatchlistCLI(t)) })
	t.Run("dynamodb", func(t *testing.T) {
		c := newWatchlistCLI(t)
		for _, setting := range dynamotest.Environment(dynamotest.Table(t)) {
			name, value, _ := strings.Cut(setting, "=")
			t.Setenv(name, value)
		}
		test(t, c)
	})
}

// What serve has acknowledged is there after a kill, once, with its line in the
// history, and the counters agree.
func TestServeKilledUnderLoad(t *testing.T) { onEachStore(t, serveKilledUnderLoad) }

func serveKilledUnderLoad(t *testing.T, _ watchlistCLI) {
	t.Setenv("SECRET_KEY", oldKey)
	acknowledged := map[string]bool{}
	for round := range 3 {
		for _, address := range triggerUntilKilled(t, round) {
			acknowledged[address] = true
		}
	}

	store := openStore(t)
	if n := storetest.Recount(t, store); n < len(acknowledged) {
		t.Errorf("%d entries, %d were acknowledged", n, len(acknowledged))
	}
	lines := map[string]int{}
	for line, err := range store.History(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		lines[line.Observable.Value]++
	}
	for address := range acknowledged {
		found, err := store.Get(t.Context(), []entry.Key{{Kind: entry.KindIP, Value: address}})
		if err != nil || len(found[0]) != 1 || lines[address] != 1 {
			t.Errorf("%s: %d entries, %d lines of history, %v", address, len(found[0]), lines[address], err)
		}
	}
}

// triggerUntilKilled serves, has clients add addresses, kills the server while
// they do, and returns those that it acknowledged.
func triggerUntilKilled(t *testing.T, round int) (acknowledged []string) {
	const clients, enough = 8, 60
	server := process(t, "serve", "--addr", "127.0.0.1:0", "--no-sample", "--token", "--claim", "sub=ann")
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	url, token := "", ""
	for scanner := bufio.NewScanner(stdout); token == "" && scanner.Scan(); {
		if m := regexp.MustCompile(`curl -s '(\S+)/observe/`).FindStringSubmatch(scanner.Text()); m != nil {
			url = m[1]
		}
		if m := regexp.MustCompile(`Bearer (\S+)'`).FindStringSubmatch(scanner.Text()); m != nil {
			token = m[1]
		}
	}
	trigger := func(address string) bool {
		form, _ := json.Marshal(map[string]string{"action-id": "watchlist-mark-malicious", "observable_type": "ip", "observable_value": address,
			"watchlist-state": "none", "watchlist-valid-until": time.Now().UTC().AddDate(0, 1, 0).Format(time.RFC3339)})
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/respond/trigger", bytes.NewReader(form))
		if err != nil {
			t.Error(err)
			return false
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false // the server is gone
		}
		defer func() { _ = response.Body.Close() }()
		var answer struct{ Data struct{ Status string } }
		return json.NewDecoder(response.Body).Decode(&answer) == nil && answer.Data.Status == "success"
	}

	var mu sync.Mutex
	var wg sync.WaitGroup
	var asked atomic.Int32
	reached := make(chan struct{})
	for c := range clients {
		wg.Go(func() {
			for i := 0; ; i++ {
				address := fmt.Sprintf("198.%d.%d.%d", 18+round, c, i)
				asked.Add(1)
				if i > 250 || !trigger(address) {
					return
				}
				mu.Lock()
				if acknowledged = append(acknowledged, address); len(acknowledged) == enough {
					close(reached)
				}
				mu.Unlock()
			}
		})
	}
	gaveUp := make(chan struct{})
	go func() {
		wg.Wait()
		close(gaveUp)
	}()
	select {
	case <-reached:
	case <-gaveUp: // the server refuses
	}
	kill(t, server)
	<-gaveUp
	if len(acknowledged) < enough || int(asked.Load()) <= enough {
		t.Fatalf("%d acknowledged of %d", len(acknowledged), asked.Load())
	}
	return acknowledged
}

// An import that is killed is whole as far as it came, and goes on from there.
func TestImportKilled(t *testing.T) { onEachStore(t, importKilled) }

func importKilled(t *testing.T, c watchlistCLI) {
	settings, err := watchlist.LoadSettings()
	if err != nil {
		t.Fatal(err)
	}
	// Tags make batches of a hundred entries.
	const entries, perBatch = 3000, 100
	var list strings.Builder
	for i := range entries {
		fmt.Fprintf(&list, "192.0.%d.%d\n", i/250, i%250)
	}
	flags := []string{"watchlist", "import", "--source", "feed", c.write("list.txt", list.String())}
	for i := range settings.BatchSize()/perBatch - 1 {
		flags = append(flags, fmt.Sprintf("--tag=%d", i))
	}
	importing := process(t, flags...)
	if err := importing.Start(); err != nil {
		t.Fatal(err)
	}
	for storedSoFar(t, settings) == 0 {
	}
	kill(t, importing)

	store := openStore(t)
	stored := storetest.Recount(t, store)
	if stored == 0 || settings.Store == watchlist.StoreFile && stored%perBatch != 0 {
		t.Errorf("%d entries were stored: no whole batches", stored)
	}
	_ = store.Close()

	out, _ := c.run(0, flags...)
	want(t, out, fmt.Sprintf("%s added, 0 updated, %s unchanged", console.Thousands(entries-stored), console.Thousands(stored)))
	if n := storetest.Recount(t, openStore(t)); n != entries {
		t.Errorf("%d entries, want %d", n, entries)
	}
}

// storedSoFar is how many entries another process has stored. Of a file, which
// that process has for itself, it looks at a copy.
func storedSoFar(t *testing.T, settings watchlist.Settings) int {
	t.Helper()
	settings.ReadOnly = true
	if settings.Store == watchlist.StoreFile {
		raw, err := os.ReadFile(settings.File)
		if err != nil {
			return 0
		}
		settings.File += ".looked-at"
		if err := os.WriteFile(settings.File, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store, err := watchlist.OpenStore(settings)
	if err != nil {
		return 0
	}
	defer func() { _ = store.Close() }()
	n, _ := entry.Listed(t.Context(), store, time.Now())
	return n
}

// A copy says what it did, and the second one has nothing left to do.
func TestCopy(t *testing.T) { onEachStore(t, copyTwice) }

func copyTwice(t *testing.T, c watchlistCLI) {
	c.run(0, "watchlist", "import", c.write("list.txt", "192.0.2.1\nevil.example\n"))
	c.run(0, "watchlist", "add", "192.0.2.2", "--valid-for", "30d")
	to := c.file + ".copy"
	out, _ := c.run(0, "watchlist", "copy", to)
	want(t, out, "3 entries copied: 3 added, 0 updated, 0 unchanged", "2 lines of history")
	out, _ = c.run(0, "watchlist", "copy", to)
	want(t, out, "3 entries copied: 0 added, 0 updated, 3 unchanged", "2 lines of history")

	history, _ := c.run(0, "watchlist", "history", "--json")
	entries := sorted(c.run(0, "watchlist", "list", "--json"))
	t.Setenv("WATCHLIST_STORE", "file")
	t.Setenv("WATCHLIST_FILE", to)
	if copied, _ := c.run(0, "watchlist", "history", "--json"); copied != history {
		t.Errorf("history %s, want %s", copied, history)
	}
	if copied := sorted(c.run(0, "watchlist", "list", "--json")); copied != entries {
		t.Errorf("entries %s, want %s", copied, entries)
	}
	store := openStore(t)
	if n := storetest.Recount(t, store); n != 3 {
		t.Errorf("%d entries", n)
	}
	_ = store.Close()

	if table := os.Getenv("WATCHLIST_TABLE"); table != "" { // and back
		out, _ = c.run(0, "watchlist", "copy", "dynamodb:"+table)
		want(t, out, "3 entries copied: 0 added, 0 updated, 3 unchanged", "2 lines of history")
	}
	_, said := c.run(exitFailed, "watchlist", "copy", to)
	want(t, said, "is the watchlist itself")
	_, said = c.run(exitFailed, "watchlist", "copy", "dynamodb:a b")
	want(t, said, "not the name of a DynamoDB table")
}

// sorted are the lines of an output in an order of their own.
func sorted(out, _ string) string {
	lines := strings.Split(out, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestHistory(t *testing.T) { onEachStore(t, tellHistory) }

func tellHistory(t *testing.T, c watchlistCLI) {
	if _, err := c.run(0, "watchlist", "--file", c.write("empty.db", ""), "add", "x.example"); err != "" {
		t.Errorf("said %s", err)
	}
	c.run(0, "watchlist", "add", "evil.example", "192.0.2.1")
	c.run(0, "watchlist", "add", "evil.example", "--disposition", "clean")
	c.run(0, "watchlist", "add", "evil.example", "--disposition", "clean") // nothing new
	c.run(0, "watchlist", "remove", "192.0.2.1")
	c.run(0, "watchlist", "import", c.write("list.txt", "192.0.2.7\n192.0.2.8\n"), "--source", "feed")
	c.run(0, "watchlist", "import", c.write("list.txt", "192.0.2.7\n192.0.2.8\n"), "--source", "feed") // nothing new
	c.run(0, "watchlist", "remove", "--source", "feed")

	out, _ := c.run(0, "watchlist", "history")
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		parts := []string{
			"removed 2 entries of feed", "imported list.txt: 2 added, 0 updated", "removed  ip 192.0.2.1  malicious by analyst -> not listed",
			"added as clean  domain evil.example  malicious by analyst -> clean by analyst", "added as malicious  ip 192.0.2.1  not listed -> malicious by analyst",
			"added as malicious  domain evil.example",
		}
		if i >= len(parts) {
			t.Fatalf("a line too many: %s", line)
		}
		want(t, line, parts[i])
	}
	out, _ = c.run(0, "watchlist", "history", "--limit", "1", "hxxp://evil[.]example", "evil[.]example", "--json")
	var line entry.Change
	if err := json.Unmarshal([]byte(out), &line); err != nil || len(line.Before) != 1 || line.After[0].Disposition != ctim.Clean || line.Who == "" {
		t.Errorf("%v: %s", err, out)
	}
	_, said := c.run(0, "watchlist", "history", "--who", "nobody")
	want(t, said, "no changes")
}

// A value about which nothing more fits into a table costs no other its place.
func TestImportWithAFullValue(t *testing.T) {
	onEachStore(t, func(t *testing.T, c watchlistCLI) {
		settings, err := watchlist.LoadSettings()
		if err != nil {
			t.Fatal(err)
		}
		if settings.Store != watchlist.StoreDynamoDB {
			t.Skip("a file has no such limit")
		}
		store := openStore(t)
		for i := range 80 {
			e := storetest.Entry("192.0.2.77", fmt.Sprintf("source %d", i))
			e.Description = strings.Repeat("d", 4800)
			if _, err := store.Put(t.Context(), []entry.Entry{e}); err != nil {
				t.Fatal(err)
			}
		}
		var list strings.Builder
		for i := range 3000 { // two batches
			fmt.Fprintf(&list, "10.0.%d.%d\n", i/250, i%250)
		}
		bundle := c.write("list.csv", "value,description\n192.0.2.77,"+strings.Repeat("d", 30_000)+"\n"+strings.ReplaceAll(list.String(), "\n", ",x\n"))
		out, said := c.run(exitFailed, "watchlist", "import", bundle)
		want(t, out, "3,001 read from 1 file: 3,000 added")
		want(t, said, "192.0.2.77")
	})
}
