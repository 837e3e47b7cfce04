// Package golden reads the golden cases of providers: a request to the relay, and what
// the third party is asked and responds.
package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"time"
)

// Case is a folder in testdata.
type Case struct {
	// Folder is its path.
	Folder  string
	Request Request
	// Exchanges are the calls of the third party.
	Exchanges []Exchange
}

// Request is the request.json of a case.
type Request struct {
	Route string          `json:"route"`
	Body  json.RawMessage `json:"body"`
	// Time is when the request arrives.
	Time time.Time `json:"time"`
	// Claims are the token's. By default each credential is "s3cr3t-" and its name.
	Claims map[string]any `json:"claims,omitempty"`
}

// Exchange is a member of the third-party.json of a case.
type Exchange struct {
	// Request is the method and the URL, such as
	// "GET https://api.example.com/v1/lookup?value=192.0.2.1". A query credential is
	// part of it.
	Request string `json:"request"`
	// Sent is the expected body: JSON, or a form as a string. It is not checked if it is
	// missing.
	Sent json.RawMessage `json:"sent,omitempty"`
	Response
}

// Response is the response of a third party.
type Response struct {
	// Status is 200 by default.
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	// Body is JSON.
	Body json.RawMessage `json:"body"`
}

// Load returns the cases in a folder such as testdata, sorted by name. It fails if
// there are none.
func Load(folder string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*", "request.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no cases in %s", folder)
	}
	var cases []Case
	for _, file := range files {
		c := Case{Folder: filepath.Dir(file)}
		if err := read(file, &c.Request); err != nil {
			return nil, err
		}
		if err := read(filepath.Join(c.Folder, "third-party.json"), &c.Exchanges); err != nil {
			return nil, err
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// LoadUnknown returns the unknown.json in a folder such as testdata: what the third
// party responds about anything that it doesn't know. Without that file it is 404.
func LoadUnknown(folder string) (Response, error) {
	unknown := Response{Status: http.StatusNotFound, Body: json.RawMessage(`{}`)}
	file := filepath.Join(folder, "unknown.json")
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return unknown, nil
	}
	unknown.Status = 0
	return unknown, read(file, &unknown)
}

// read decodes a file.
func read(file string, into any) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// Matches reports whether a request is the exchange's. line is its method and URL.
func (e Exchange) Matches(line string, sent []byte) bool {
	return e.Request == line && sameBody(e.Sent, sent)
}

// sameBody reports whether a body is the expected one: equal JSON or an equal form.
func sameBody(want json.RawMessage, sent []byte) bool {
	if len(want) == 0 {
		return true
	}
	var text string
	if json.Unmarshal(want, &text) == nil {
		return text == string(sent)
	}
	var a, b any
	return json.Unmarshal(want, &a) == nil && json.Unmarshal(sent, &b) == nil && reflect.DeepEqual(a, b)
}

// Write sends the response.
func (r Response) Write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	for name, value := range r.Header {
		w.Header().Set(name, value)
	}
	if r.Status != 0 {
		w.WriteHeader(r.Status)
	}
	_, _ = w.Write(r.Body) // fails if the client is gone
}
