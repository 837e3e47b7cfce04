package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"

	"go.uber.org/zap"
)

// certificate is a TLS certificate in two files. It is safe for concurrent use.
type certificate struct {
	files [2]string // the certificate with its chain, and its key, in PEM form
	log   *zap.Logger

	mu      sync.Mutex
	current *tls.Certificate
	read    string // version of the files when they were last read, successfully or not
}

// tlsConfig returns the configuration for the flags, or nil without them.
func (s *Command) tlsConfig(log *zap.Logger) (*tls.Config, error) {
	if s.TLSCert == "" && s.TLSKey == "" {
		return nil, nil
	}
	if s.TLSCert == "" || s.TLSKey == "" {
		return nil, errors.New("--tls-cert and --tls-key are needed together")
	}
	c := &certificate{files: [2]string{s.TLSCert, s.TLSKey}, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("--tls-cert and --tls-key need a certificate and its key in PEM form, in files that this process can read: %w", err)
	}
	return &tls.Config{GetCertificate: c.get}, nil
}

// get returns the certificate for a connection, as tls.Config.GetCertificate does. If a
// file has changed, it reads both. If that fails, the one before stays in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read != c.version() {
		if err := c.load(); err != nil {
			c.log.Error("the changed TLS certificate can't be used, the one before stays in use", zap.Error(err))
		} else {
			c.log.Info("the TLS certificate was read again")
		}
	}
	return c.current, nil
}

// version identifies the content of the files. A missing file has none.
func (c *certificate) version() (version string) {
	for _, name := range c.files {
		if info, err := os.Stat(name); err == nil {
			version += fmt.Sprintf("%s %d,", info.ModTime(), info.Size())
		}
	}
	return version
}

// load reads the files.
func (c *certificate) load() error {
	c.read = c.version()
	loaded, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err == nil {
		c.current = &loaded
	}
	return err
}
