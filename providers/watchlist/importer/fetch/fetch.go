// Package fetch reads lists from servers for an import: files at a URL, and collections
// of TAXII 2.1. It requests only what has changed since the last import.
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

// Credential is sent to a server. The zero value is none.
type Credential struct {
	// User and Password are for basic authentication.
	User, Password string
	// Token is a bearer token, instead of these.
	Token string
}

// List is a list on a server.
type List struct {
	url        *url.URL
	credential Credential
	client     *http.Client
	// before describes the list as last imported, next as it is now.
	before, next entry.Fetched
}

// New returns the list at a URL, which must begin with https:// unless it leads to this
// machine. No error contains the URL's query, which may be a secret.
func New(address string, credential Credential) (*List, error) {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Hostname() == "":
		return nil, errors.New("not the URL of a list")
	case parsed.User != nil:
		return nil, errors.New("a URL with a password in it, which others may see: use --user and --password-file")
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !isLocal(parsed)):
		return nil, fmt.Errorf("%s: the URL must begin with https://", nameOf(parsed))
	}
	sum := sha256.Sum256([]byte(address))
	source := entry.Fetched{Source: hex.EncodeToString(sum[:16])}
	return &List{url: parsed, credential: credential, client: newClient(), before: source, next: source}, nil
}

// IsURL reports whether the name of a file is a URL.
func IsURL(name string) bool { return strings.Contains(name, "://") }

// Host returns the server's name, with the port if the URL has one.
func (l *List) Host() string { return l.url.Host }

// IsCollection reports whether the URL is that of the objects of a TAXII collection.
func (l *List) IsCollection() bool {
	p := l.url.Path
	return path.Base(p) == "objects" && path.Base(path.Dir(path.Dir(strings.TrimSuffix(p, "/")))) == "collections"
}

// Input returns the list as the input of an import.
func (l *List) Input() importer.Input {
	return importer.Input{Name: nameOf(l.url), Open: l.open, Fetched: l.fetched}
}

// nameOf returns a URL without its query, which may be a secret.
func nameOf(u *url.URL) string { return u.Scheme + "://" + u.Host + u.Path }

func isLocal(u *url.URL) bool {
	host := u.Hostname()
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// fetched describes the list for the history, or is nil if it is unchanged.
func (l *List) fetched() *entry.Fetched {
	if l.next == l.before {
		return nil
	}
	return &l.next
}

// Recall reads from a store's history how the lists were last imported, so that Input
// requests only changes.
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

// open requests the list.
func (l *List) open(ctx context.Context) (io.ReadCloser, error) {
	if l.IsCollection() {
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

// get sends a request, up to three times if the server is busy. The response has status
// 200. importer.ErrUnchanged is the error of a 304.
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

// retryAfter returns how long to wait before a retry. busy is false if a retry is of no
// use.
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
		return fmt.Errorf("the server refused the credentials (status %d): check --user or --token-file", status)
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("the server has no such list (status %d): check the URL", status)
	case http.StatusNotAcceptable:
		return fmt.Errorf("the server does not speak TAXII 2.1 (status %d)", status)
	case http.StatusTooManyRequests:
		return fmt.Errorf("the server received too many requests (status %d): try again later", status)
	}
	return fmt.Errorf("the server responded with status %d", status)
}

// withoutURL returns the error of a request without its URL, which may contain a secret.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// Limits of connecting, of waiting for a response, and of redirects.
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
			return errors.New("redirected to a URL without https")
		case to.URL.Host != via[0].URL.Host && via[0].Header.Get("Authorization") != "":
			return errors.New("redirected to another host, which must not receive the credentials: use that URL")
		}
		return nil
	}}
}
