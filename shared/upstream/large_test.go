//go:build !race

package upstream_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

func TestLargeEndlessBodies(t *testing.T) {
	for name, tt := range map[string]struct{ start, repeat string }{
		"spaces": {"", strings.Repeat(" ", 64<<10)}, "a list": {`{"data":[1`, strings.Repeat(",1", 32<<10)}, "a kept list": {`{"page":[1`, strings.Repeat(",1", 32<<10)},
		"a text": {`{"data":"`, strings.Repeat("x", 64<<10)},
	} {
		t.Run(name, func(t *testing.T) {
			c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) {
				_, err := io.WriteString(w, tt.start)
				for err == nil {
					_, err = io.WriteString(w, tt.repeat)
				}
			}, upstream.Options{})
			err := c.Do(t.Context(), upstream.Request{Path: "/x", Members: []string{"page"}}, &struct{}{})
			if got := coded(t, err); got.Code != relay.CodeServiceUnavailable {
				t.Error(err)
			}
		})
	}
}

// Reading few members of a response of 25 MB takes less than 1 MB of memory.
func TestLargeBodiesTakeLittleMemory(t *testing.T) {
	request := `{"request":{"url":"https://a.example/","headers":{"accept":"*/*"},"size":1234.5},"list":["a","b",{"c":null}]},`
	body := []byte(`{"data":{"requests":[` + strings.Repeat(request, 25<<20/len(request)) + `{}]},"page":{"url":"x"}}`)
	c := callerOf(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }, upstream.Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var kept struct{ Page struct{ URL string } }
	err := c.Do(t.Context(), upstream.Request{Path: "/x", Members: []string{"page"}}, &kept)
	runtime.ReadMemStats(&after)
	if allocated := (after.TotalAlloc - before.TotalAlloc) >> 10; err != nil || kept.Page.URL != "x" || allocated > 1024 {
		t.Errorf("%d KB, %v, %v", allocated, kept, err)
	}
}
