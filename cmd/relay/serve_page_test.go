package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/console"
)

// The page is served with what it loads, and its URL has a token that its routes
// accept. No log contains the token.
func TestServeShowsThePage(t *testing.T) {
	newCLI(t)
	s := newServed(t)
	line := regexp.MustCompile(`(?m)^Open (http://127\.0\.0\.1:\d+/)#token=(\S+)$`).FindStringSubmatch(s.banner)
	if line == nil {
		t.Fatalf("no URL in %s", s.banner)
	}
	page, token := line[1], line[2]
	get := func(path, bearer string) (int, string) {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, page+path, nil)
		request.Header.Set("Authorization", "Bearer "+bearer)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	_, html := get("", "")
	for _, loaded := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if status, body := get(loaded[1], ""); status != http.StatusOK || len(body) < 100 {
			t.Errorf("%s: status %d, %d bytes", loaded[1], status, len(body))
		}
	}
	if strings.Count(html, "app.js") != 1 || strings.Contains(html, "http:") || strings.Contains(html, "https:") {
		t.Errorf("the page is %s", html)
	}
	if status, body := get("sample.json", ""); status != http.StatusOK || !strings.Contains(body, `"actions"`) {
		t.Errorf("the sample has status %d", status)
	}
	first, _, _ := strings.Cut(providers.Default, ",")
	if status, body := get("page/modules", token); status != http.StatusOK || !strings.Contains(body, `"name":"`+strings.TrimSpace(first)+`"`) {
		t.Errorf("status %d: %s", status, body)
	}
	if status, _ := get("page/modules", "x"); status != http.StatusUnauthorized {
		t.Errorf("status %d without a token", status)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(s.log.String(), token) {
		t.Error("the token was logged")
	}
}

// With several providers, each has its own token.
func TestServeShowsSeveralProviders(t *testing.T) {
	newCLI(t)
	t.Setenv("RELAY_PROVIDER", "otx,abuseipdb")
	s := newServed(t)
	line := regexp.MustCompile(`(?m)^Open \S+#token=([\w.-]+),([\w.-]+)$`).FindStringSubmatch(s.banner)
	if line == nil {
		t.Fatalf("no tokens in %s", s.banner)
	}
	home, _, _ := strings.Cut(s.url, "/observe/")
	for path, token := range map[string]string{"/health": line[1], "/abuseipdb/tiles": line[2]} {
		s.bearer = "Bearer " + token
		// They lack a credential, and are accepted apart from that.
		if body := string(s.ask(home+path, "")); strings.Contains(body, "for another provider") || strings.Contains(body, "Failed to decode") {
			t.Errorf("%s: %s", path, body)
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// Only this machine sees the page, unless a person says otherwise.
func TestServeHidesThePage(t *testing.T) {
	for args, shown := range map[string]bool{
		"--addr 127.0.0.1:0":           true,
		"--addr 127.0.0.1:0 --no-page": false,
		"--addr 0.0.0.0:0":             false,
		"--addr 0.0.0.0:0 --page":      true,
	} {
		t.Run(args, func(t *testing.T) {
			newCLI(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out, in := io.Pipe()
			exit := make(chan int, 1)
			go func() {
				exit <- run(ctx, append([]string{"serve"}, strings.Fields(args)...), console.Console{Out: in, Err: io.Discard}, findProvider)
				_ = in.Close()
			}()
			banner := ""
			for buffer := make([]byte, 4096); !strings.Contains(banner, "Ctrl-C"); {
				n, err := out.Read(buffer)
				banner += string(buffer[:n])
				if err != nil {
					t.Fatalf("%v after %s", err, banner)
				}
			}
			home := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(banner)
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, home+"/", nil)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if served := response.StatusCode == http.StatusOK; served != shown || strings.Contains(banner, "\nOpen ") != shown {
				t.Errorf("status %d, banner %s", response.StatusCode, banner)
			}
			stop()
			if code := <-exit; code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
	c := newCLI(t)
	_, err := c.run(exitUsage, "serve", "--production", "--page")
	want(t, err, "--production serves no page")
}
