package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
)

// wantRoots is "own" or "fallback" in the process that looks at its own roots.
const wantRoots = "RELAY_TEST_WANT_ROOTS"

// The embedded authorities count only if the system has none.
func TestRoots(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux do SSL_CERT_FILE and SSL_CERT_DIR replace the system's certificates")
	}
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	file := newCLI(t).write("own.pem", string(own))
	if wanted := os.Getenv(wantRoots); wanted != "" {
		system, err := x509.SystemCertPool()
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(own)
		if isOwn := system.Equal(pool); isOwn != (wanted == "own") {
			t.Errorf("the system's certificate alone: %t", isOwn)
		}
		if isEmpty := system.Equal(x509.NewCertPool()); isEmpty {
			t.Error("there are no authorities")
		}
		return
	}
	for wanted, path := range map[string]string{"own": file, "fallback": "/nowhere"} {
		again := process(t, "-test.run=^TestRoots$")
		again.Env = append(os.Environ(), wantRoots+"="+wanted, "SSL_CERT_FILE="+path, "SSL_CERT_DIR="+t.TempDir())
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", wanted, err, out)
		}
	}
}
