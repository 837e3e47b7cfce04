package fetch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
	"github.com/serverless-relay/relay/providers/watchlist/importer/fetch"
)

func newStore(t *testing.T) entry.Store {
	t.Helper()
	store, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// run imports from a URL.
func run(t *testing.T, store entry.Store, address string, credential fetch.Credential) *importer.Report {
	t.Helper()
	list, err := fetch.New(address, credential)
	if err != nil {
		t.Fatal(err)
	}
	if err := fetch.Recall(t.Context(), store, []*fetch.List{list}); err != nil {
		t.Fatal(err)
	}
	report, err := importer.Run(t.Context(), store, []importer.Input{list.Input()}, importer.Options{BatchSize: 100})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func values(t *testing.T, store entry.Store) []string {
	t.Helper()
	var all []string
	for e, err := range store.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Observable.Value+" "+e.Source)
	}
	slices.Sort(all)
	return all
}

// A list is fetched again only if it has changed.
func TestList(t *testing.T) {
	text, etag := "192.0.2.1\n", `"1"`
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match")+" "+r.Header.Get("If-Modified-Since"))
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	store := newStore(t)
	address := server.URL + "/feeds/list.txt?key=secret"
	host := strings.TrimPrefix(server.URL, "http://")
	if report := run(t, store, address, fetch.Credential{}); report.Added != 1 || strings.Contains(report.Files[0].Name, "secret") {
		t.Errorf("got %+v", report.Files[0])
	}
	if report := run(t, store, address, fetch.Credential{}); !report.Files[0].Unchanged || report.Failed() > 0 {
		t.Errorf("got %+v", report.Files[0])
	}
	text, etag = "192.0.2.1\n192.0.2.2\n", `"2"`
	if report := run(t, store, address, fetch.Credential{}); report.Added != 1 {
		t.Errorf("got %+v", report.Files[0])
	}
	if diff := cmp.Diff([]string{" ", `"1" Mon, 01 Jan 2024 00:00:00 GMT`, `"1" Mon, 01 Jan 2024 00:00:00 GMT`}, asked); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"192.0.2.1 " + host + "/list", "192.0.2.2 " + host + "/list"}, values(t, store)); diff != "" {
		t.Error(diff)
	}
	lines := 0
	for line := range store.History(t.Context()) {
		if lines++; strings.Contains(fmt.Sprint(line), "secret") {
			t.Errorf("history %+v", line)
		}
	}
	if lines != 2 {
		t.Errorf("%d lines of history", lines)
	}
}

// What couldn't be read, or was not stored, is asked for again.
func TestListThatFails(t *testing.T) {
	text := "<html>"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"1"`)
		_, _ = w.Write([]byte(text))
	}))
	defer server.Close()
	store := newStore(t)
	if report := run(t, store, server.URL+"/list", fetch.Credential{}); report.Failed() != 1 {
		t.Errorf("got %+v", report.Files[0])
	}
	text = "192.0.2.1\n"
	if report := run(t, store, server.URL+"/list", fetch.Credential{}); report.Added != 1 {
		t.Errorf("got %+v", report.Files[0])
	}
}

func indicator(n int) string {
	return fmt.Sprintf(`{"type":"indicator","id":"indicator--%d","pattern":"[ipv4-addr:value = '192.0.2.%d']"}`, n, n)
}

// A collection is read page by page, and then from where the last import ended.
func TestCollection(t *testing.T) {
	const added = "2024-01-01T00:00:00.000001Z"
	var asked []string
	pages := map[string]string{
		"":        `{"more":true,"next":"two","objects":[` + indicator(1) + `]}`,
		"two":     `{"more":true,"next":"three","objects":[` + indicator(2) + `,` + indicator(3) + `]}`,
		"three":   `{"objects":[` + indicator(4) + `]}`,
		"new":     `{"objects":[` + indicator(5) + `]}`,
		"nothing": `{}`,
	}
	fresh := "new"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		query := r.URL.Query()
		asked = append(asked, query.Encode())
		if user != "ann" || password != "pw" || r.Header.Get("Accept") != "application/taxii+json;version=2.1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		page := query.Get("next")
		w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
		if query.Get("added_after") != "" {
			page = fresh
		}
		if fresh != "nothing" {
			w.Header().Set("X-TAXII-Date-Added-Last", added)
		}
		_, _ = w.Write([]byte(pages[page]))
	}))
	defer server.Close()
	store := newStore(t)
	address := server.URL + "/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/objects/"
	credential := fetch.Credential{User: "ann", Password: "pw"}
	if report := run(t, store, address, credential); report.Added != 4 || report.Failed() > 0 {
		t.Errorf("got %+v", report.Files[0])
	}
	if report := run(t, store, address, credential); report.Added != 1 {
		t.Errorf("got %+v", report.Files[0])
	}
	fresh = "nothing"
	if report := run(t, store, address, credential); report.Added+report.Updated > 0 || report.Failed() > 0 {
		t.Errorf("got %+v", report.Files[0])
	}
	after := "added_after=2024-01-01T00%3A00%3A00.000001Z"
	if diff := cmp.Diff([]string{"", "next=two", "next=three", after, after}, asked); diff != "" {
		t.Error(diff)
	}
	if report := run(t, store, address, fetch.Credential{Token: "no"}); !strings.HasSuffix(report.Files[0].Error, "the server refused the credentials (status 401): check --user or --token-file") {
		t.Errorf("got %+v", report.Files[0])
	}
}

// A collection that breaks off is read anew.
func TestCollectionThatBreaksOff(t *testing.T) {
	for name, second := range map[string]string{"malformed": `{"more":`, "in circles": `{"more":true,"next":"two"}`, "nowhere": `{"more":true}`} {
		broken := true
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/taxii+json")
			w.Header().Set("X-TAXII-Date-Added-Last", "2024-01-01T00:00:00Z")
			switch {
			case r.URL.Query().Get("next") == "":
				_, _ = w.Write([]byte(`{"more":true,"next":"two","objects":[` + indicator(1) + `]}`))
			case broken:
				_, _ = w.Write([]byte(second))
			default:
				_, _ = w.Write([]byte(`{"objects":[` + indicator(2) + `]}`))
			}
		}))
		store := newStore(t)
		address := server.URL + "/collections/1/objects"
		if report := run(t, store, address, fetch.Credential{}); report.Failed() != 1 || report.Added > 0 {
			t.Errorf("%s: got %+v", name, report.Files[0])
		}
		broken = false
		if report := run(t, store, address, fetch.Credential{}); report.Added != 2 {
			t.Errorf("%s: got %+v", name, report.Files[0])
		}
		server.Close()
	}
}

func TestServersThatSayNo(t *testing.T) {
	busy := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/busy":
			w.Header().Set("Retry-After", "0")
			if busy++; busy < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte("192.0.2.1\n"))
		case "/later":
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/elsewhere":
			http.Redirect(w, r, "http://other.example/list", http.StatusFound)
		case "/collections/1/objects/":
			_, _ = w.Write([]byte("<html>"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/busy":                   "",
		"/later":                  "the server received too many requests (status 429): try again later",
		"/missing?key=secret":     "the server has no such list (status 404): check the URL",
		"/elsewhere?key=secret":   "redirected to a URL without https",
		"/collections/1/objects/": "the server's response is not TAXII 2.1: application/taxii+json",
	} {
		report := run(t, newStore(t), server.URL+path, fetch.Credential{})
		if got := report.Files[0].Error; !strings.HasSuffix(got, want) || want == "" && got != "" || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q", path, got)
		}
	}
	for address, want := range map[string]string{
		"http://lists.example/x?key=secret":  "http://lists.example/x: the URL must begin with https://",
		"https://ann:secret@lists.example/x": "a URL with a password in it, which others may see: use --user and --password-file",
		"https://":                           "not the URL of a list",
		"https://lists.example/%zz":          "not the URL of a list",
		"ftp://lists.example/x":              "ftp://lists.example/x: the URL must begin with https://",
	} {
		if _, err := fetch.New(address, fetch.Credential{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if !fetch.IsURL("https://x.example/") || !fetch.IsURL("HTTPS://ann:secret@x.example/") || !fetch.IsURL("ftp://x.example/") || fetch.IsURL("x.txt") || fetch.IsURL("-") {
		t.Error("what is a URL")
	}
}

// Credentials don't follow a redirect to another host.
func TestCredentialsStay(t *testing.T) {
	got := ""
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		_, _ = w.Write([]byte("192.0.2.1\n"))
	}))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(strings.Replace(other.URL, "127.0.0.1", "localhost", 1)+"/list", http.StatusFound))
	defer server.Close()
	if report := run(t, newStore(t), server.URL+"/list", fetch.Credential{Token: "secret"}); report.Failed() != 1 || got != "" {
		t.Errorf("got %+v, and sent %q", report.Files[0], got)
	}
	if report := run(t, newStore(t), server.URL+"/list", fetch.Credential{}); report.Added != 1 {
		t.Errorf("got %+v", report.Files[0])
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		<-release
	}))
	defer server.Close()
	defer close(release)
	list, err := fetch.New(server.URL+"/list", fetch.Credential{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Run(ctx, newStore(t), []importer.Input{list.Input()}, importer.Options{BatchSize: 100}); err == nil {
		t.Error("no error")
	}
}
