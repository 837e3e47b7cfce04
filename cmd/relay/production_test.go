package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/auth"
)

// production is a process that runs `relay serve --production`.
type production struct {
	t       *testing.T
	command *exec.Cmd
	address string
	out     *bufio.Reader
	// logged is what was read from out so far. err is complete after wait.
	logged, err bytes.Buffer
}

func newProduction(t *testing.T, args ...string) *production {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	p := &production{t: t, command: process(t, append([]string{"serve", "--production", "--addr", "127.0.0.1:0"}, args...)...)}
	p.command.Stderr = &p.err
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	p.address = p.next("listening")["address"].(string)
	return p
}

// next reads the log up to the line with the message.
func (p *production) next(message string) map[string]any {
	p.t.Helper()
	for {
		line, err := p.out.ReadBytes('\n')
		p.logged.Write(line)
		if err != nil {
			p.t.Fatalf("%v before %q in the log: %s%s", err, message, p.logged.String(), p.err.String())
		}
		var entry map[string]any
		if err := json.Unmarshal(line, &entry); err != nil {
			p.t.Fatalf("standard output is not a log: %v: %s", err, line)
		}
		if entry["message"] == message {
			return entry
		}
	}
}

// terminate sends SIGTERM.
func (p *production) terminate() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// wait reads the rest of the log, which must end well, and returns it all.
func (p *production) wait() string {
	p.t.Helper()
	p.next("stopped")
	if _, err := io.Copy(&p.logged, p.out); err != nil {
		p.t.Error(err)
	}
	if err := p.command.Wait(); err != nil || p.err.Len() > 0 {
		p.t.Errorf("%v: %s", err, p.err.String())
	}
	return p.logged.String()
}

// A process that is told to stop answers what it was asked: requests under load until
// the host has noticed, and one that is still in progress when nobody can connect.
func TestProductionDrains(t *testing.T) {
	newCLI(t)
	t.Setenv("SECRET_KEY", oldKey)
	t.Setenv("RELAY_PROVIDER", withoutCredentials(t))
	token, err := auth.Sign(oldKey, map[string]any{"sub": "ann"})
	if err != nil {
		t.Fatal(err)
	}
	p := newProduction(t)
	const question = `[{"type":"domain","value":"evil.example"}]`
	post := func(body io.Reader) error {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/deliberate/observables", body)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err == nil && (response.StatusCode != http.StatusOK || string(text) != `{"data":{}}`) {
			err = fmt.Errorf("got %d %s", response.StatusCode, text)
		}
		return err
	}
	if err := post(strings.NewReader(question)); err != nil {
		t.Fatal(err)
	}

	// The server closes an idle connection when it has stopped listening.
	idle, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	fmt.Fprintf(idle, "GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n")
	fromIdle := bufio.NewReader(idle)
	if response, err := http.ReadResponse(fromIdle, nil); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("/healthz: %v %v", response, err)
	} else if _, err := io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}

	held, body := io.Pipe()
	inProgress := make(chan error, 1)
	go func() { inProgress <- post(held) }()
	if _, err := io.WriteString(body, question[:5]); err != nil { // the client has connected
		t.Fatal(err)
	}

	var stop atomic.Bool
	var answered atomic.Int64
	warm := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for !stop.Load() {
				if err := post(strings.NewReader(question)); err != nil {
					t.Errorf("a request was lost: %v", err)
					stop.Store(true)
				}
				if answered.Add(1) == 40 {
					close(warm)
				}
			}
		})
	}
	<-warm
	p.terminate()
	for !stop.Load() { // as a load balancer does
		response, err := http.Get("http://" + p.address + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		stop.Store(response.StatusCode == http.StatusServiceUnavailable)
	}
	load.Wait()

	if rest, err := io.ReadAll(fromIdle); err != nil || len(rest) > 0 {
		t.Errorf("the idle connection: %q, %v", rest, err)
	}
	if connection, err := net.Dial("tcp", p.address); err == nil {
		_ = connection.Close()
		t.Error("the relay still listens")
	}
	if _, err := io.WriteString(body, question[5:]); err != nil {
		t.Error(err)
	}
	_ = body.Close()
	if err := <-inProgress; err != nil {
		t.Errorf("the request in progress was lost: %v", err)
	}
	log := p.wait()
	if strings.Contains(log, oldKey) || strings.Contains(log, "eyJ") || strings.Contains(log, "evil.example") {
		t.Errorf("a secret or an observable was logged: %s", log)
	}
	if count := strings.Count(log, `"route":"/deliberate/observables"`); int64(count) != answered.Load()+2 {
		t.Errorf("%d requests were logged, and %d answered", count, answered.Load()+2)
	}
}

// A changed certificate is used for the next connection. A broken one is not.
func TestProductionTLS(t *testing.T) {
	c := newCLI(t)
	t.Setenv("SECRET_KEY", oldKey)
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	replace := func(serial int64, broken bool) *x509.Certificate {
		t.Helper()
		certificate, certPEM, keyPEM := newCertificate(t, serial)
		if broken {
			certPEM = certPEM[:len(certPEM)/2]
		}
		for file, text := range map[string][]byte{certFile: certPEM, keyFile: keyPEM} {
			// A file system may keep times in seconds.
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, time.Time{}, time.Unix(1e9+serial, 0)); err != nil {
				t.Fatal(err)
			}
		}
		return certificate
	}
	served := func(p *production, trusted *x509.Certificate) {
		t.Helper()
		pool := x509.NewCertPool()
		pool.AddCert(trusted)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("https://" + p.address + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || response.TLS.PeerCertificates[0].SerialNumber.Cmp(trusted.SerialNumber) != 0 {
			t.Errorf("got %d with certificate %v, want %v", response.StatusCode, response.TLS.PeerCertificates[0].SerialNumber, trusted.SerialNumber)
		}
	}

	first := replace(1, false)
	_, text := c.run(exitFailed, "serve", "--production", "--tls-cert", certFile, "--tls-key", filepath.Join(folder, "none"))
	want(t, text, "--tls-cert and --tls-key need", "none")
	_, text = c.run(exitFailed, "serve", "--production", "--tls-cert", certFile)
	want(t, text, "are needed together")

	p := newProduction(t, "--tls-cert", certFile, "--tls-key", keyFile)
	served(p, first)
	second := replace(2, false)
	served(p, second)
	p.next("the TLS certificate was read again")
	replace(3, true)
	served(p, second)
	if level := p.next("the changed TLS certificate can't be used, the one before stays in use")["level"]; level != "error" {
		t.Errorf("level %v", level)
	}
	served(p, second)
	served(p, replace(4, false))
	p.next("the TLS certificate was read again")
	if response, err := http.Get("http://" + p.address + "/healthz"); err == nil {
		_ = response.Body.Close()
		if response.StatusCode != http.StatusBadRequest {
			t.Errorf("without TLS: got %d", response.StatusCode)
		}
	}
	p.terminate()
	p.wait()
}

// newCertificate returns a certificate of 127.0.0.1 that signs itself, also in PEM form,
// with its key.
func newCertificate(t *testing.T, serial int64) (certificate *x509.Certificate, certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: "relay"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// Clients can't make the server keep large headers, and /version is served for each
// provider.
func TestProductionLimits(t *testing.T) {
	newCLI(t)
	t.Setenv("SECRET_KEY", oldKey)
	p := newProduction(t)
	for size, status := range map[int]int{200: http.StatusOK, 64 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.address+"/watchdog", nil)
		request.Header.Set("Health-Check", strings.Repeat("a", size))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("a header of %d bytes: got %d, want %d", size, response.StatusCode, status)
		}
	}
	p.terminate()
	p.wait()
}

// withoutCredentials returns a provider that needs no credentials.
func withoutCredentials(t *testing.T) string {
	t.Helper()
	for _, d := range providers.Declarations() {
		if len(d.RequiredCredentials()) == 0 {
			return d.Name
		}
	}
	t.Skip("all providers need credentials")
	return ""
}

// A relay that would refuse every token, or accept those that were made for others,
// doesn't start, and says what to do.
func TestProductionRefusesToStart(t *testing.T) {
	for name, tt := range map[string]struct {
		settings map[string]string
		tells    string
	}{
		"no key":             {nil, "set SECRET_KEY"},
		"a weak key":         {map[string]string{"SECRET_KEY": "hunter2"}, "SECRET_KEY is a weak key"},
		"a parameter":        {map[string]string{"SECRET_KEY_PARAMETER": "/relay/key"}, "setting SECRET_KEY_PARAMETER: only a Lambda reads it: remove it"},
		"a former one":       {map[string]string{"SECRET_KEY": oldKey, "SECRET_KEY_PREVIOUS_PARAMETER": "/relay/key"}, "setting SECRET_KEY_PREVIOUS_PARAMETER: only a Lambda reads it"},
		"no hosts":           {map[string]string{"JWKS_HOSTS": "none", "RELAY_URL": "https://relay.example.com"}, "JWKS_HOSTS is none"},
		"no organizations":   {map[string]string{"RELAY_URL": "https://relay.example.com", "RELAY_PROVIDER": withoutCredentials(t)}, "set RELAY_ORGANIZATIONS"},
		"no audience":        {map[string]string{"RELAY_ORGANIZATIONS": "a"}, "set RELAY_URL"},
		"a key, no audience": {map[string]string{"SECRET_KEY": oldKey, "RELAY_ORGANIZATIONS": "a"}, "need RELAY_URL"},
		"no such provider":   {map[string]string{"SECRET_KEY": oldKey, "RELAY_PROVIDER": "nobody"}, "setting RELAY_PROVIDER"},
		"no port":            {map[string]string{"SECRET_KEY": oldKey, "PORT": "http"}, "setting PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCLI(t)
			for variable, value := range tt.settings {
				t.Setenv(variable, value)
			}
			out, text := c.run(exitFailed, "serve", "--production")
			want(t, text, tt.tells)
			if out != "" && !json.Valid([]byte(out)) || strings.Contains(out+text, "hunter2") || strings.Contains(out+text, oldKey) {
				t.Errorf("printed %s%s", out, text)
			}
		})
	}
	c := newCLI(t)
	for args, tells := range map[string]string{
		"--production --token":     "prints no token",
		"--production --claim a=b": "prints no token",
		"--tls-cert a --tls-key b": "need --production",
	} {
		_, text := c.run(exitUsage, append([]string{"serve"}, strings.Fields(args)...)...)
		want(t, text, tells)
	}
}

// Tokens that XDR signs are enough.
func TestProductionWithoutAKey(t *testing.T) {
	newCLI(t)
	t.Setenv("RELAY_URL", "https://relay.example.com")
	t.Setenv("RELAY_ORGANIZATIONS", "13375cf9-561c-4958-0000-6d84b7ef09d4")
	p := newProduction(t)
	p.terminate()
	p.wait()
}
