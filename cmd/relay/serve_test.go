package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// served is a running `relay serve`, and what it said at its start.
type served struct {
	t      *testing.T
	banner string
	// url, bearer and question are those of the line that it prints to be
	// pasted.
	url, bearer, question string
	log                   *bytes.Buffer
	stop                  func() int
}

// newServed serves until the test ends, and prints a token.
func newServed(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	s := &served{t: t, log: new(bytes.Buffer)}
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--token"}, args...), console.Console{In: nil, Out: in, Err: s.log}, findProvider)
		_ = in.Close()
	}()
	s.stop = func() int {
		stop()
		return <-exit
	}
	for buffer := make([]byte, 4096); !strings.Contains(s.banner, "Ctrl-C"); {
		n, err := out.Read(buffer)
		s.banner += string(buffer[:n])
		if err != nil {
			t.Fatalf("%v after %s%s", err, s.banner, s.log)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	line := regexp.MustCompile(`(?s)curl -s '(\S+)' .*?-H 'Authorization: (\S+ \S+)' .*?-d '(.*?)'`).FindStringSubmatch(s.banner)
	if line == nil {
		t.Fatalf("no curl line in %s", s.banner)
	}
	s.url, s.bearer, s.question = line[1], line[2], line[3]
	return s
}

// ask posts a question.
func (s *served) ask(url, question string) []byte {
	s.t.Helper()
	request, _ := http.NewRequestWithContext(s.t.Context(), http.MethodPost, url, strings.NewReader(question))
	request.Header.Set("Authorization", s.bearer)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return body
}

// The provider that is deployed is served, with a key of its own or the given
// one, and the printed line is let in.
func TestServe(t *testing.T) {
	for _, key := range []string{"", oldKey} {
		t.Run("SECRET_KEY "+key, func(t *testing.T) {
			newCLI(t)
			t.Setenv("SECRET_KEY", key)
			t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // no third party is asked
			s := newServed(t)
			if made := strings.Contains(s.banner, "SECRET_KEY is not set: the key is in "); made != (key == "") {
				t.Errorf("banner: %s", s.banner)
			}
			body := s.ask(s.url, s.question)
			for _, p := range rules.Answer("/observe/observables", body) {
				t.Error(p)
			}
			if strings.Contains(string(body), "Failed to decode JWT") || !json.Valid(body) {
				t.Errorf("the printed line is answered %s", body)
			}
			if code := s.stop(); code != 0 {
				t.Errorf("exit code %d: %s", code, s.log)
			}
			if token := strings.TrimPrefix(s.bearer, "Bearer "); strings.Contains(s.log.String(), token) || key != "" && strings.Contains(s.log.String()+s.banner, key) {
				t.Error("a secret was logged")
			}
		})
	}
}

// A token is a secret. It goes to a terminal only, and for a key that is new only,
// unless somebody asks for it.
func TestServePrintsNoTokenUnasked(t *testing.T) {
	for _, key := range []string{"", oldKey} {
		t.Run("SECRET_KEY "+key, func(t *testing.T) {
			newCLI(t)
			t.Setenv("SECRET_KEY", key)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out, in := io.Pipe()
			exit := make(chan int, 1)
			go func() {
				exit <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, console.Console{In: nil, Out: in, Err: io.Discard}, findProvider)
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
			want(t, banner, `-H "Authorization: Bearer $TOKEN"`, "--token prints one")
			if strings.Contains(banner, "eyJ") {
				t.Errorf("a token in %s", banner)
			}
			stop()
			if code := <-exit; code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// The printed token is for this relay, and has the claims that it was given.
func TestServeSignsForItself(t *testing.T) {
	newCLI(t)
	t.Setenv("SECRET_KEY", oldKey)
	t.Setenv("RELAY_STAGE", "dev")
	s := newServed(t, "--claim", "email=a=b,c")
	claims := accepted(t, strings.TrimPrefix(s.bearer, "Bearer "), oldKey, "")
	if claims.Get(relay.ProviderClaim) != providers.Default || claims.Get(relay.StageClaim) != "dev" || claims.Get("email") != "a=b,c" || claims.Get("exp") == "" {
		t.Errorf("bound to %q, %q for %q until %q", claims.Get(relay.ProviderClaim), claims.Get(relay.StageClaim), claims.Get("email"), claims.Get("exp"))
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	want(t, s.log.String(), "Warning: other users can see the value of --claim email")
}
