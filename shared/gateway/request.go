package gateway

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/text"
)

// event is the part of an API Gateway event that makes up a request. lists are the headers
// with all their values, which only payload 1.0 has.
type event struct {
	method, path, route      string
	from, query              string
	header, lists            http.Header
	body                     string
	isBase64                 bool
	requestID, stage, domain string
	// notText is set if a member should be a string and isn't.
	notText bool
}

// read reads the members of the event or of an object in it. prefix is the path of the
// object, such as "requestContext.", and empty for the event. encoding/json would take
// several times as long.
func (e *event) read(prefix, raw string) {
	for name, value := range text.Members(raw) {
		switch prefix + name {
		case "rawPath":
			e.path = e.text(value)
		case "path": // in payload 1.0
			e.path = cmp.Or(e.path, e.text(value))
		case "requestContext.path": // starts with the stage, or with the base path of a custom domain
			e.path = cmp.Or(e.text(value), e.path)
		case "routeKey", "resource":
			e.route = e.text(value)
		case "rawQueryString":
			e.query = e.text(value)
		case "headers": // names that differ only in case are one header with several values
			for name, value := range text.Members(value) {
				e.header.Add(name, e.text(value))
			}
		case "body":
			e.body = e.text(value)
		case "isBase64Encoded":
			e.isBase64 = value == "true"
		case "requestContext", "requestContext.http", "requestContext.identity":
			e.read(prefix+name+".", value)
		case "requestContext.requestId":
			e.requestID = e.text(value)
		case "requestContext.stage":
			e.stage = e.text(value)
		case "requestContext.domainName":
			e.domain = e.text(value)
		case "requestContext.http.method", "httpMethod":
			e.method = e.text(value)
		case "requestContext.http.sourceIp", "requestContext.identity.sourceIp":
			e.from = e.text(value)
		case "multiValueHeaders":
			for name, values := range text.Members(value) {
				for _, value := range text.Members(values) {
					e.lists.Add(name, e.text(value))
				}
			}
		}
	}
}

// text returns the value of a string. null is an empty one.
func (e *event) text(raw string) string {
	s, ok := text.String(raw)
	e.notText = e.notText || !ok && raw != "null"
	return s
}

// newRequest returns the request that a server would have read. Its path is the
// bare route and RequestURI the whole path with the stage, as http.StripPrefix
// leaves them. Host and RemoteAddr, which has no port, are what API Gateway
// reports, whatever the client's headers contain. A direct invocation is a
// request for path, unless path is empty.
func newRequest(ctx context.Context, raw []byte, path string) (*http.Request, error) {
	if !json.Valid(raw) {
		return nil, errors.New("gateway: not an event of API Gateway: it is not JSON")
	}
	whole := string(raw)
	e := event{header: http.Header{}, lists: http.Header{}}
	e.read("", whole)
	if len(e.lists) > 0 { // payload 1.0 has the headers twice, and only the lists are complete
		e.header = e.lists
	}
	if e.method == "" && e.path == "" && isInvocation(whole) {
		e.method, e.path = http.MethodPost, path
	}
	switch {
	case e.notText:
		return nil, errors.New("gateway: not an event of API Gateway: a member should be a string and is not")
	case e.method == "" || e.path == "":
		return nil, errors.New("gateway: not an event of API Gateway: it has no method or no path")
	}
	if e.isBase64 {
		decoded, err := base64.StdEncoding.DecodeString(e.body)
		if err != nil {
			return nil, fmt.Errorf("gateway: body: %w", err)
		}
		e.body = string(decoded)
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		ctx = logging.WithRequestID(ctx, lc.AwsRequestID, e.requestID)
	}
	r := (&http.Request{
		Method:        e.method,
		URL:           &url.URL{Path: bareRoute(e.route, e.path, e.stage), RawQuery: e.query},
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        e.header,
		Body:          http.NoBody,
		ContentLength: int64(len(e.body)),
		Host:          cmp.Or(e.domain, e.header.Get("Host")),
		RequestURI:    e.path,
		RemoteAddr:    e.from,
	}).WithContext(ctx)
	if len(e.body) > 0 {
		r.Body = io.NopCloser(strings.NewReader(e.body))
	}
	return r, nil
}

// isInvocation reports whether the event is a direct invocation, such as the {} of
// `sls invoke`. It has headers and a body at most. Events of other services have
// more members.
func isInvocation(raw string) bool {
	for name := range text.Members(raw) {
		if name != "headers" && name != "body" {
			return false
		}
	}
	return strings.HasPrefix(strings.TrimSpace(raw), "{")
}

// bareRoute returns the path without the stage or the base path of a custom
// domain: the route in the key, such as "POST /health", with the path's own segments
// for the variables.
func bareRoute(key, full, stage string) string {
	path := full
	if rest, ok := strings.CutPrefix(full, "/"+stage); ok && stage != "" && strings.HasPrefix(rest, "/") {
		path = rest
	}
	_, route, found := strings.Cut(key, " ")
	if !found {
		route = key // payload 1.0 has the resource alone
	}
	if !strings.HasPrefix(route, "/") {
		return path
	}
	if !strings.Contains(route, "{") {
		return route
	}
	pattern, segments := strings.Split(route[1:], "/"), strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i := range segments {
		if matches(pattern, segments[i:]) {
			return "/" + strings.Join(segments[i:], "/")
		}
	}
	return path
}

// matches reports whether the segments of a path are those of a route key, in which
// {name} stands for one segment, and {name+} for at least one.
func matches(pattern, segments []string) bool {
	for i, p := range pattern {
		switch {
		case i == len(segments):
			return false
		case strings.HasSuffix(p, "+}"):
			return true
		case segments[i] != p && !strings.HasPrefix(p, "{"):
			return false
		}
	}
	return len(segments) == len(pattern)
}
