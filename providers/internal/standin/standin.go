package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/relaytest/golden"
)

// standIn stands in for one third party.
type standIn struct {
	declaration relay.Declaration
	cases       []golden.Case
	unknown     golden.Response
}

// load reads the golden cases of a provider in a folder of providers. It moves their
// dates, so that everything is as old as in the case.
func load(name, folder string, now time.Time) (standIn, error) {
	provider, err := providers.Find(name)
	if err != nil {
		return standIn{}, err
	}
	s := standIn{declaration: provider.Declaration()}
	testdata := filepath.Join(folder, name, "testdata")
	if s.cases, err = golden.Load(testdata); err != nil {
		return standIn{}, fmt.Errorf("%w: run this in the project's folder", err)
	}
	if !slices.ContainsFunc(s.cases, func(c golden.Case) bool { return len(c.Exchanges) > 0 }) {
		return standIn{}, fmt.Errorf("no case in %s calls the third party", testdata)
	}
	for _, c := range s.cases {
		days := int(now.Sub(c.Request.Time).Hours() / 24)
		for i, e := range c.Exchanges {
			c.Exchanges[i].Request, c.Exchanges[i].Sent = string(moveDates([]byte(e.Request), days)), moveDates(e.Sent, days)
			c.Exchanges[i].Body = moveDates(e.Body, days)
		}
	}
	s.unknown, err = golden.LoadUnknown(testdata)
	return s, err
}

var date = regexp.MustCompile(`\b20\d\d-[01]\d-[0-3]\d`)

// moveDates adds days to all dates in a text.
func moveDates(text []byte, days int) []byte {
	return date.ReplaceAllFunc(text, func(day []byte) []byte {
		t, err := time.Parse(time.DateOnly, string(day))
		if err != nil {
			return day
		}
		return []byte(t.AddDate(0, 0, days).Format(time.DateOnly))
	})
}

// standIns stand in for several third parties. The path of a request begins with the
// host of the third party.
type standIns []standIn

func (all standIns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body can't be read", http.StatusBadRequest)
		return
	}
	line := r.Method + " https://" + strings.TrimPrefix(r.URL.String(), "/")
	response := golden.Response{Status: http.StatusNotFound, Body: json.RawMessage(`{}`)}
	for _, s := range all {
		if answer, ok := s.find(line, sent); ok {
			response = answer
		}
	}
	response.Write(w)
	fmt.Println(r.Method, r.URL.Path, cmp.Or(response.Status, http.StatusOK), "id="+r.Header.Get("X-Request-Id"))
}

// find returns the response to a request. ok is false if it is for another host. Long
// numbers in a body may differ from the recorded ones, because they may be times.
func (s standIn) find(line string, sent []byte) (response golden.Response, ok bool) {
	response = s.unknown
	for _, c := range s.cases {
		for _, e := range c.Exchanges {
			if e.Matches(line, sent) {
				return e.Response, true
			}
			if e.Sent = longNumber.ReplaceAll(e.Sent, []byte("0")); e.Matches(line, longNumber.ReplaceAll(sent, []byte("0"))) {
				response = e.Response
			}
			ok = ok || hostIn(e.Request) == hostIn(line)
		}
	}
	return response, ok
}

var longNumber = regexp.MustCompile(`\b[0-9]{10,}\b`)

// hostIn returns the host in a method and URL.
func hostIn(line string) string {
	_, url, _ := strings.Cut(line, "https://")
	host, _, _ := strings.Cut(url, "/")
	return host
}

// instructions returns how to start a relay that asks the stand-in at an address, and
// what it knows.
func (s standIn) instructions(address string) string {
	name := s.declaration.Name
	claims := map[string]any{}
	var hosts, known []string
	for _, c := range s.cases {
		for claim, value := range c.Request.Claims {
			claims[claim] = value
		}
		for _, e := range c.Exchanges {
			hosts = append(hosts, hostIn(e.Request))
		}
		var observables []ctim.Observable
		_ = json.Unmarshal(c.Request.Body, &observables) // other routes have other bodies
		for _, o := range observables {
			known = append(known, fmt.Sprintf("--observable '%s=%s'", o.Type, o.Value))
		}
	}
	start := []string{"RELAY_PROVIDER=" + name}
	for _, setting := range s.declaration.Settings() {
		if strings.HasSuffix(setting.Name, "_URL") {
			url := cmp.Or(strings.TrimPrefix(setting.Default, "https://"), hosts[0])
			start = append(start, setting.Name+"="+address+"/"+url)
		}
	}
	run := []string{"npm start --"}
	for _, credential := range s.declaration.Credentials {
		if claims[credential.Name] == nil && len(claims) > 0 {
			continue // an optional one that no case has
		}
		value := fmt.Sprint(cmp.Or(claims[credential.Name], any("s3cr3t-"+credential.Name)))
		if host := strings.TrimPrefix(value, "https://"); slices.Contains(hosts, host) { // callers host it themselves
			value = address + "/" + host
			start = append(start, "UPSTREAM_ALLOW_LOCAL=true")
		}
		run = append(run, "--claim '"+credential.Name+"="+value+"'")
	}
	slices.Sort(known)
	return fmt.Sprintf("%s: start a relay, and check it with the TOKEN that it prints:\n  %s %s\n  RELAY_JWT=TOKEN go run ./cmd/relay check http://127.0.0.1:9000 %s\n",
		s.declaration.Title, strings.Join(start, " "), strings.Join(run, " "), strings.Join(slices.Compact(known), " "))
}
