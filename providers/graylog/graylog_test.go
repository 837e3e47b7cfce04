package graylog

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest"
)

var known = ctim.Observable{Type: ctim.TypeIP, Value: "203.0.113.77"}

func options() relaytest.Options {
	return relaytest.Options{Claims: map[string]any{"host": "https://graylog.example.com/logs", "username": "s3cr3t-username", "password": "s3cr3t-password"}}
}

// sent is the part of a request's body that tests look at.
type sent struct {
	Queries []struct {
		Timerange   struct{ Range int }
		Query       map[string]string     `json:"query"`
		SearchTypes []struct{ Limit int } `json:"search_types"`
	}
}

// answerWith returns an answer with these messages, as JSON, and a total.
func answerWith(total string, messages ...string) string {
	return fmt.Sprintf(`{"execution":{"done":true},"results":{"relay":{"errors":[],"search_types":{"messages":{"id":"messages","type":"messages","total_results":%s,"messages":[%s]}}}}}`,
		total, strings.Join(messages, ","))
}

const denied = `{"index":"graylog_0","message":{"_id":"4e6f-1","gl2_remote_ip":"192.0.2.1","timestamp":"1999-12-30T08:00:00.000Z","source":"fw1","level":3,"message_type":"deny",
	"message":"Deny tcp src outside:203.0.113.77/4222 dst inside:192.0.2.9/22","streams":["1"],"source_ip":"203.0.113.77","destination_ip":"192.0.2.9"}}`

// standIn has one message.
func standIn(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	var body sent
	raw, _ := io.ReadAll(r.Body)
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/logs/api/views/search/sync":
		w.WriteHeader(http.StatusNotFound)
	case r.Header.Get("X-Requested-By") == "":
		w.WriteHeader(http.StatusBadRequest)
	case user != "s3cr3t-username" || password != "s3cr3t-password":
		w.WriteHeader(http.StatusUnauthorized)
	case json.Unmarshal(raw, &body) != nil || len(body.Queries) != 1:
		w.WriteHeader(http.StatusBadRequest)
	case body.Queries[0].Query["query_string"] == `"203.0.113.77"`:
		_, _ = io.WriteString(w, answerWith("1", denied))
	default:
		_, _ = io.WriteString(w, answerWith("0"))
	}
}

func TestConform(t *testing.T) {
	relaytest.Conform(t, Provider, http.HandlerFunc(standIn), known, options())
}

func TestGolden(t *testing.T) { relaytest.Golden(t, Provider) }

func TestRecorded(t *testing.T) {
	// The recorded answers have ids of the requests that were recorded.
	got := relaytest.Recorded(t, Provider, "graylog", relaytest.Options{Claims: map[string]any{"host": "host", "username": "s3cr3t-username", "password": "s3cr3t-password"}},
		`"timeout": 60`, "", "60f9b4c461bf9b2a8a999b85", queryID, "60f9b550a09a4d867ecd0169", messagesID)
	want := map[string][]string{
		// The value is a phrase in the link too.
		"test_enrich_call_success[POST /refer/observables]": {
			"- https://host/search?rangetype=relative&relative=2592000&q=24.141.154.216",
			"+ https://host/search?q=%2224.141.154.216%22&rangetype=relative&relative=2592000",
		},
		// Health searches, which was not recorded.
		"test_health_call_success[POST /health]": {`- {"status":"ok"}`, "+ fatal"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// serve serves the provider with a Graylog that always answers this.
func serve(t *testing.T, status int, body string) *relaytest.Relay {
	t.Helper()
	return relaytest.Serve(t, Provider, relaytest.Always(status, body), options())
}

// A Graylog in a private network, with a certificate of a private authority, is reached
// if the operator allows both.
func TestPrivateAuthority(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answerWith("0")) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ allow, file, want string }{
		{"false", file, "UPSTREAM_ALLOW_LOCAL"},
		{"true", "", "UPSTREAM_CA_FILE"},
		{"true", file, ""},
	} {
		t.Setenv("UPSTREAM_ALLOW_LOCAL", tt.allow)
		t.Setenv("UPSTREAM_CA_FILE", tt.file)
		service, err := Provider.Open(relay.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		session, err := service.Connect(t.Context(), relay.Request{Claims: relay.NewClaims(map[string]any{"host": server.URL, "username": "u", "password": "p"})})
		if err != nil {
			t.Fatal(err)
		}
		_, err = session.(relay.HealthChecker).Health(t.Context())
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

// Answers of another shape than documented are understood as far as possible.
func TestShapes(t *testing.T) {
	const title = "Log message received by Graylog in last 30 days contains observable"
	for body, want := range map[string]string{
		answerWith("1", denied): "1 sightings",
		answerWith(`"1"`, `{"index":null,"message":{"_id":7,"timestamp":null,"message":null,"level":"3","tags":["a"],"extra":{"b":null},"source_ip":"nowhere","destination_ip":"192.0.2.9"}}`): "1 sightings",
		answerWith("null", `null`, `7`, `{}`, `{"message":null}`, `{"message":"text"}`, `{"message":[]}`, `{"message":{}}`):                                                                    "0 sightings",
		`{"results":{"relay":{"errors":null,"search_types":{"messages":{"messages":null}}}}}`:                                                                                                  "0 sightings",
		`{"results":{"relay":{"errors":[{"type":"query","description":"Cannot parse"}],"search_types":{}}}}`:                                                                                   "0 sightings, fatal service unavailable",
		`{"results":{"relay":{"errors":[{}]}}}`: "0 sightings, fatal service unavailable",
		`{"results":{"relay":{"errors":[{"description":"shard failed"}],"search_types":{"messages":{"total_results":1,"messages":[` + denied + `]}}}}}`: "1 sightings, warning service unavailable",
		`{"results":{"relay":{"search_types":{}}}}`: "0 sightings, fatal service unavailable",
		`{"results":{}}`:              "0 sightings, fatal service unavailable",
		`{"results":null}`:            "0 sightings, fatal service unavailable",
		`{"results":[]}`:              "0 sightings, fatal service unavailable",
		`{}`:                          "0 sightings, fatal service unavailable",
		answerWith("1", denied)[:200]: "0 sightings, fatal connection error",
	} {
		a := serve(t, http.StatusOK, body).Ask(t, "/observe/observables", known)
		docs := a.Docs(t, "sightings")
		got := fmt.Sprintf("%d sightings", len(docs))
		if a.Codes() != "" {
			got += ", " + a.Codes()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
		for _, doc := range docs {
			if doc["title"] != title || doc["internal"] != true || doc["confidence"] != "High" {
				t.Errorf("%s: %v", body, doc)
			}
		}
	}
}

// The number of messages is bounded and what is missing is named.
func TestMoreMessages(t *testing.T) {
	var limit int
	o := options()
	o.Claims["CTR_ENTITIES_LIMIT"] = "2"
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body sent
		_ = json.NewDecoder(r.Body).Decode(&body)
		limit = body.Queries[0].SearchTypes[0].Limit
		_, _ = io.WriteString(w, answerWith("12345", denied, strings.Replace(denied, "4e6f-1", "4e6f-2", 1), strings.Replace(denied, "4e6f-1", "4e6f-3", 1)))
	}), o)
	a := r.Ask(t, "/observe/observables", known)
	if n := len(a.Docs(t, "sightings")); limit != 2 || n != 2 || a.Codes() != "warning invalid argument" || !strings.Contains(a.Raw, "12345") {
		t.Errorf("limit %d, %d sightings: %s", limit, n, a.Raw)
	}
}

// Messages that are too large for one answer are requested a few at a time.
func TestLargeMessages(t *testing.T) {
	r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body sent
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Queries[0].SearchTypes[0].Limit > fewMessages {
			_, _ = io.WriteString(w, answerWith("1", `{"message":{"_id":"a","message":"`+strings.Repeat("x", 9<<20)+`"}}`))
			return
		}
		_, _ = io.WriteString(w, answerWith("700", denied))
	}), options())
	a := r.Ask(t, "/observe/observables", known)
	if len(a.Docs(t, "sightings")) != 1 || a.Codes() != "warning invalid argument" {
		t.Errorf("%.500s", a.Raw)
	}
}

// A value can't become a part of the query, and 0 is not searched for.
func TestQueries(t *testing.T) {
	for o, want := range map[ctim.Observable]string{
		{Type: ctim.TypeUser, Value: `a" OR "*`}:                `"a\" OR \"*"`,
		{Type: ctim.TypeFilePath, Value: `C:\Windows\`}:         `"C:\\Windows\\"`,
		{Type: ctim.TypeUser, Value: "*"}:                       `"*"`,
		{Type: ctim.TypeMD5, Value: strings.Repeat("AB", 16)}:   `"` + strings.Repeat("ab", 16) + `" OR "` + strings.Repeat("AB", 16) + `"`,
		{Type: ctim.TypeURL, Value: "hxxps://evil[.]example"}:   `"https://evil.example/" OR "https://evil.example"`,
		{Type: ctim.TypeURL, Value: "https://evil.example/a"}:   `"https://evil.example/a"`,
		{Type: ctim.TypeIP, Value: "10.1.2.3"}:                  `"10.1.2.3"`,
		{Type: ctim.TypeUser, Value: "0"}:                       "",
		{Type: ctim.TypeUser, Value: " "}:                       "",
		{Type: ctim.TypeMACAddress, Value: "0A:1b:2c:3d:4e:5f"}: `"0a:1b:2c:3d:4e:5f" OR "0A:1B:2C:3D:4E:5F"`,
	} {
		got := ""
		r := relaytest.Serve(t, Provider, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body sent
			_ = json.NewDecoder(r.Body).Decode(&body)
			got = body.Queries[0].Query["query_string"]
			_, _ = io.WriteString(w, answerWith("0"))
		}), options())
		if o.Value != " " {
			if a := r.Ask(t, "/observe/observables", o); len(a.Errors) > 0 || got != want {
				t.Errorf("%v: searched for %s, want %s (%s)", o, got, want, a.Raw)
			}
		}
		if want == "" {
			continue
		}
		var links struct{ Data []struct{ URL string } }
		if err := json.Unmarshal([]byte(r.Ask(t, "/refer/observables", o).Raw), &links); err != nil || len(links.Data) != 1 {
			t.Fatalf("%v: %v", links, err)
		}
		u, err := url.Parse(links.Data[0].URL)
		if err != nil || u.Query().Get("q") != want || u.Path != "/logs/search" || len(u.Query()) != 3 {
			t.Errorf("%v: link %s", o, links.Data[0].URL)
		}
	}
}

// What a message contains can't leave the code block or the link.
func TestHostileMessages(t *testing.T) {
	const hostile = `{"index":"../..","message":{"_id":"a/b?c","timestamp":"1999-12-30T08:00:00.000Z","message":"` + "```" + ` [x](https://evil.example) <script>","<b>":"<script>"}}`
	a := serve(t, http.StatusOK, answerWith("1", hostile)).Ask(t, "/observe/observables", known)
	doc := a.Docs(t, "sightings")[0]
	if text := doc["description"].(string); strings.Count(text, "```") != 2 || strings.Contains(a.Raw, "<script>") {
		t.Errorf("%s", a.Raw)
	}
	if want := "https://graylog.example.com/logs/messages/..%2F../a%2Fb%3Fc"; doc["source_uri"] != want {
		t.Errorf("link %s, want %s", doc["source_uri"], want)
	}
	long := serve(t, http.StatusOK, answerWith("1", `{"message":{"message":"`+strings.Repeat("é", 9000)+`"}}`)).Ask(t, "/observe/observables", known)
	if text := long.Docs(t, "sightings")[0]["description"].(string); !strings.HasSuffix(text, "\n```") {
		t.Errorf("the block has no end: %s", text[len(text)-20:])
	}
}

func TestFields(t *testing.T) {
	var m message
	if err := json.Unmarshal([]byte(`{"message":{"a":" x ","b":7,"c":true,"d":null,"e":["x",1],"f":{},"g":""}}`), &m); err != nil {
		t.Fatal(err)
	}
	want := fields{"a": "x", "b": "7", "c": "true", "d": "", "e": `["x",1]`, "f": "{}", "g": ""}
	if diff := cmp.Diff(want, m.Fields); diff != "" {
		t.Error(diff)
	}
}
