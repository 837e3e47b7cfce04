// Package call sends requests to a relay.
package call

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout is longer than the 30 seconds after which API Gateway gives up.
	timeout = 35 * time.Second
	// maxResponse is the size of the largest response, in bytes. Lambda's limit is
	// 6 MB.
	maxResponse = 8 << 20
)

// Response is the response to a request. It may have any status.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// Post sends JSON to a route. If authorization is empty, the request has no such
// header. Post follows no redirect, which would forward the token. It fails after 35
// seconds, and if the response has more than 8 MB. Its errors don't name the URL.
func Post(ctx context.Context, transport http.RoundTripper, route, authorization, body string) (Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, route, strings.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	client := http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		if failed := new(url.Error); errors.As(err, &failed) {
			err = failed.Err
		}
		return Response{}, err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	switch {
	case err != nil:
		return Response{}, fmt.Errorf("the response ended early, after %d bytes: %w", len(data), err)
	case len(data) > maxResponse:
		return Response{}, fmt.Errorf("the response is larger than %d MB", maxResponse>>20)
	}
	return Response{response.StatusCode, response.Header.Get("Content-Type"), data}, nil
}
