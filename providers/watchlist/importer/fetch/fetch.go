// Package fetch reads lists from servers for an import: files at a URL, and
// collections of TAXII 2.1. It asks only for what is new since the last time.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
)

// Credential is what a server gets as a credential. The zero value is none.
type Credential struct {
	// User and Password are for basic authentication.
	User, Password string
	// Token is for a bearer token, instead of the two.
	Token string
}

// List is a list on a server.
type List struct {
	url        *url.URL
	credential Credential
	client     *http.Client
	// before is what was remembered of the list, next what is to be.
	before, next entry.Fetched
}

// New makes a List. Its URL must begin with https://, or lead to this machine.
// No error has the URL's query in it, which may be a secret.
func New(address string, credential Credential) (*List, error) {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Hostname() == "":
		return nil, errors.New("not the URL of a list")
	case parsed.User != nil:
		return nil, errors.New("a URL with a password in it, which others may see: --user and --password-file take it")
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !isLocal(parsed)):
		return nil, fmt.Errorf("%s: only https:// is fetched", nameOf(parsed))
	}
	sum := sha256.Sum256([]byte(address))
	source := entry.Fetched{Source: hex.EncodeToString(sum[:16])}
	return &List{url: parsed, credential: credential, client: newClient(), before: source, next: source}, nil
}

// IsURL reports whether the name of a file is a URL instead.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// Host is the server's name, with a port if the URL has one.
func (l *List) Host() string { return l.url.Host }

// IsCollection reports whether the list is a TAXII collection, of which only what
// is new is read.
func (l *List) IsCollection() bool { return isCollection(l.url) }

// Input is the list as an import takes it.
func (l *List) Input() importer.Input {
	return importer.Input{Name: nameOf(l.url), Open: l.open, Fetched: l.fetched}
}

// nameOf is the URL without what may be a secret.
func nameOf(u *url.URL) string { return u.Scheme + "://" + u.Host + u.Path }

func isLocal(u *url.URL) bool {
	host := u.Hostname()
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// fetched is what is to be remembered of the list, or nil if that is known.
func (l *List) fetched() *entry.Fetched {
	if l.next == l.before {
		return nil
	}
	return &l.next
}

// Recall finds in a store's history what the lists were like when they were last
// imported.
func Recall(ctx context.Context, store entry.Store, lists []*List) error {
	missing := map[string]*List{}
	for _, l := range lists {
		missing[l.before.Source] = l
	}
	if len(missing) == 0 {
		return nil
	}
	for line, err := range store.History(ctx) {
		if err != nil {
			return err
		}
		for _, known := range line.Fetched {
			if l := missing[known.Source]; l != nil {
				l.before, l.next = known, known
				delete(missing, known.Source)
			}
		}
		if len(missing) == 0 {
			return nil
		}
	}
	return nil
}

// open asks for the list.
func (l *List) open(ctx context.Context) (io.ReadCloser, error) {
	if isCollection(l.url) {
		return &collection{ctx: ctx, list: l}, nil
	}
	response, err := l.get(ctx, l.url, func(h http.Header) {
		if l.before.ETag != "" {
			h.Set("If-None-Match", l.before.ETag)
		}
		if l.before.LastModified != "" {
			h.Set("If-Modified-Since", l.before.LastModified)
		}
	})
	if err != nil {
		return nil, err
	}
	l.next.ETag, l.next.LastModified = response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	return response.Body, nil
}

// get asks a server, up to three times if it is busy. The answer is one of
// success; importer.ErrUnchanged is the error of a 304.
func (l *List) get(ctx context.Context, u *url.URL, headers func(http.Header)) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, errors.New("not the URL of a list")
		}
		headers(request.Header)
		request.Header.Set("User-Agent", "serverless-relay")
		switch {
		case l.credential.Token != "":
			request.Header.Set("Authorization", "Bearer "+l.credential.Token)
		case l.credential.User != "":
			request.SetBasicAuth(l.credential.User, l.credential.Password)
		}
		response, err := l.client.Do(request)
		if err != nil {
			return nil, withoutURL(err)
		}
		if response.StatusCode == http.StatusOK {
			return response, nil
		}
		_ = response.Body.Close()
		wait, busy := retryAfter(response)
		if !busy || attempt == maxAttempts {
			return nil, statusError(response.StatusCode)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

const (
	maxAttempts = 3
	maxWait     = time.Minute
)

// retryAfter is how long to wait before a busy server is asked again.
func retryAfter(response *http.Response) (wait time.Duration, busy bool) {
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	wait = time.Second
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		wait = time.Duration(seconds) * time.Second
	}
	return wait, wait <= maxWait
}

// statusError returns the error for a status.
func statusError(status int) error {
	switch status {
	case http.StatusNotModified:
		return importer.ErrUnchanged
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the server refuses the credentials (status %d): --user or --token-file names them", status)
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("the server has no such list (status %d): check the URL", status)
	case http.StatusNotAcceptable:
		return fmt.Errorf("the server does not speak TAXII 2.1 (status %d)", status)
	case http.StatusTooManyRequests:
		return fmt.Errorf("the server is asked too often (status %d): try again later", status)
	}
	return fmt.Errorf("the server answers with status %d", status)
}

// withoutURL is the error of a request without its URL, which may have a secret
// in it.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// How long a server may take to connect and to begin its answer.
const (
	dialTimeout   = 10 * time.Second
	headerTimeout = time.Minute
	maxRedirects  = 5
)

func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSHandshakeTimeout, transport.ResponseHeaderTimeout = dialTimeout, headerTimeout
	return &http.Client{Transport: transport, CheckRedirect: func(to *http.Request, via []*http.Request) error {
		switch {
		case len(via) > maxRedirects:
			return errors.New("redirected too often")
		case to.URL.Scheme != "https" && !isLocal(to.URL):
			return errors.New("redirected to a place without https")
		case to.URL.Host != via[0].URL.Host && via[0].Header.Get("Authorization") != "":
			return errors.New("redirected to another host, which must not get the credentials: name that URL")
		}
		return nil
	}}
}

// isCollection reports whether a URL is that of the objects of a TAXII
// collection.
func isCollection(u *url.URL) bool {
	return path.Base(u.Path) == "objects" && path.Base(path.Dir(path.Dir(strings.TrimSuffix(u.Path, "/")))) == "collections"
}
