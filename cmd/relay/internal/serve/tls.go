package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"
)

// certificate is a TLS certificate in two files. It is safe for concurrent use.
type certificate struct {
	files [2]string // the certificate with its chain, and its key, in PEM form
	log   *zap.Logger

	mu      sync.Mutex
	current *tls.Certificate
	read    [2]version // of the files when they were last read, successfully or not
}

// version identifies the content of a file.
type version struct {
	modified time.Time
	size     int64
}

// loadCertificate reads a certificate and its key.
func loadCertificate(certFile, keyFile string, log *zap.Logger) (*certificate, error) {
	c := &certificate{files: [2]string{certFile, keyFile}, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("--tls-cert and --tls-key need a certificate and its key in PEM form, in files that this process can read: %w", err)
	}
	return c, nil
}

// get returns the certificate for a connection, as tls.Config.GetCertificate does. If a
// file has changed, it reads both. If that fails, the one before stays in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.read
	if err := c.load(); err != nil && c.read != before {
		c.log.Error("the changed TLS certificate can't be used, the one before stays in use", zap.Error(err))
	} else if c.read != before {
		c.log.Info("the TLS certificate was read again")
	}
	return c.current, nil
}

// load reads the files unless they are as they were the last time.
func (c *certificate) load() error {
	var found [2]version
	for i, name := range c.files {
		info, err := os.Stat(name)
		if err != nil { // the zero version is that of a missing file
			continue
		}
		found[i] = version{info.ModTime(), info.Size()}
	}
	if c.current != nil && found == c.read {
		return nil
	}
	c.read = found
	loaded, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		return err
	}
	c.current = &loaded
	return nil
}

// tlsConfig returns the configuration for the flags, or nil without them.
func (s *Command) tlsConfig(log *zap.Logger) (*tls.Config, error) {
	if s.TLSCert == "" && s.TLSKey == "" {
		return nil, nil
	}
	if s.TLSCert == "" || s.TLSKey == "" {
		return nil, errors.New("--tls-cert and --tls-key are needed together")
	}
	c, err := loadCertificate(s.TLSCert, s.TLSKey, log)
	if err != nil {
		return nil, err
	}
	return &tls.Config{GetCertificate: c.get}, nil
}
