package gateway

import (
	"bytes"
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
)

// event is the part of an API Gateway event that makes up a request, in both
// formats. Payload 2.0 has rawPath, routeKey and requestContext.http. Payload 1.0
// has path, resource, httpMethod, multiValueHeaders and requestContext.identity.
type event struct {
	RawPath           string              `json:"rawPath"`
	RouteKey          string              `json:"routeKey"`
	RawQueryString    string              `json:"rawQueryString"`
	Path              string              `json:"path"`
	Resource          string              `json:"resource"`
	HTTPMethod        string              `json:"httpMethod"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
	RequestContext    struct {
		RequestID  string `json:"requestId"`
		Stage      string `json:"stage"`
		DomainName string `json:"domainName"`
		// Path is in payload 1.0 only. It starts with the stage, or with the base
		// path of a custom domain.
		Path string `json:"path"`
		HTTP struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
		Identity struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
	} `json:"requestContext"`
}

// newRequest returns the request that a server would have read. Its path is the
// bare route and RequestURI the whole path with the stage, as http.StripPrefix
// leaves them. Host and RemoteAddr, which has no port, are what API Gateway
// reports, whatever the client's headers contain. A direct invocation is a
// request for path, unless path is empty.
func newRequest(ctx context.Context, raw []byte, path string) (*http.Request, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("gateway: not an event of API Gateway: %w", err)
	}
	method, full, route, from := e.RequestContext.HTTP.Method, e.RawPath, e.RouteKey, e.RequestContext.HTTP.SourceIP
	if method == "" {
		method, full, route, from = e.HTTPMethod, e.RequestContext.Path, e.Resource, e.RequestContext.Identity.SourceIP
		if full == "" {
			full = e.Path
		}
	}
	if method == "" && full == "" && path != "" && isInvocation(raw) {
		method, full = http.MethodPost, path
	}
	if method == "" || full == "" {
		return nil, errors.New("gateway: not an event of API Gateway: it has no method or no path")
	}
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return nil, fmt.Errorf("gateway: body: %w", err)
		}
		body = decoded
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		ctx = logging.WithRequestID(ctx, lc.AwsRequestID, e.RequestContext.RequestID)
	}
	r := (&http.Request{
		Method:        method,
		URL:           &url.URL{Path: bareRoute(route, full, e.RequestContext.Stage), RawQuery: e.RawQueryString},
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        e.header(),
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
		Host:          e.RequestContext.DomainName,
		RequestURI:    full,
		RemoteAddr:    from,
	}).WithContext(ctx)
	if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	return r, nil
}

// isInvocation reports whether the event is a direct invocation, such as the {} of
// `sls invoke`. It has headers and a body at most. Events of other services have
// more members.
func isInvocation(raw []byte) bool {
	var only struct {
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&only) == nil
}

// header returns the event's headers. Names that differ only in case become one
// header with several values. Payload 1.0 has the headers twice, and only the lists are complete.
func (e *event) header() http.Header {
	header := make(http.Header, len(e.Headers))
	if len(e.MultiValueHeaders) > 0 {
		for name, values := range e.MultiValueHeaders {
			for _, value := range values {
				header.Add(name, value)
			}
		}
		return header
	}
	for name, value := range e.Headers {
		header.Add(name, value)
	}
	return header
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
