package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	taxiiType = "application/taxii+json"
	// maxPage is the largest page of a collection, in bytes.
	maxPage = 256 << 20
	// maxPages stops a server that never ends.
	maxPages = 100_000
)

// collection reads the pages of a TAXII collection as one JSON array of pages.
type collection struct {
	ctx  context.Context
	list *List
	page io.Reader
	// next is the server's id of the next page.
	next  string
	pages int
	done  bool
}

// Read implements io.Reader.
func (c *collection) Read(p []byte) (int, error) {
	for {
		if c.page != nil {
			if n, err := c.page.Read(p); n > 0 || !errors.Is(err, io.EOF) {
				return n, err
			}
		}
		if c.done {
			return 0, io.EOF
		}
		if err := c.load(); err != nil {
			return 0, err
		}
	}
}

// Close implements io.Closer.
func (c *collection) Close() error { return nil }

// load requests the next page.
func (c *collection) load() error {
	u := *c.list.url
	query := u.Query()
	if c.list.before.AddedAfter != "" {
		query.Set("added_after", c.list.before.AddedAfter)
	}
	if c.next != "" {
		query.Set("next", c.next)
	}
	u.RawQuery = query.Encode()
	response, err := c.list.get(c.ctx, &u, func(h http.Header) { h.Set("Accept", taxiiType+";version=2.1") })
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if kind, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), taxiiType) {
		return fmt.Errorf("the server's response is not TAXII 2.1: %s", taxiiType)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxPage+1))
	switch {
	case err != nil:
		return withoutURL(err)
	case len(data) > maxPage:
		return fmt.Errorf("a page of the collection is larger than %d MB", maxPage>>20)
	}
	var envelope struct {
		More    bool            `json:"more"`
		Next    string          `json:"next"`
		Objects json.RawMessage `json:"objects"`
	}
	if err := json.Unmarshal(data, &envelope); err != nil {
		return errors.New("the server's response is malformed JSON")
	}
	if envelope.Objects == nil { // an empty page doesn't show its format
		data = []byte(`{"objects":[]}`)
	}
	if last := response.Header.Get("X-TAXII-Date-Added-Last"); last != "" {
		c.list.next.AddedAfter = last
	}
	before := ","
	if c.pages == 0 {
		before = "["
	}
	after := ""
	switch c.pages++; {
	case !envelope.More:
		c.done, after = true, "]"
	case envelope.Next == "" || envelope.Next == c.next || c.pages == maxPages:
		return errors.New("the server has more pages, but returned no valid id of the next one")
	}
	c.next = envelope.Next
	c.page = io.MultiReader(strings.NewReader(before), bytes.NewReader(data), strings.NewReader(after))
	return nil
}
