package akamai

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// sign signs a request with EdgeGrid.
func sign(r *http.Request, body []byte, claims relay.Claims) error {
	if strings.ContainsFunc(claims.Get("clientToken")+claims.Get("accessToken"), func(c rune) bool { return c <= ' ' || c > '~' || c == ';' }) {
		return errors.New("akamai: a token has characters that can't be sent")
	}
	r.Header.Set("Authorization", authorization(r, body, claims, time.Now().UTC().Format("20060102T15:04:05+0000"), rand.Text()))
	return nil
}

// authorization returns the header Authorization of a request with a body of up to 128
// KB. timestamp is in UTC, and the nonce must never be used again.
func authorization(r *http.Request, body []byte, claims relay.Claims, timestamp, nonce string) string {
	header := fmt.Sprintf("EG1-HMAC-SHA256 client_token=%s;access_token=%s;timestamp=%s;nonce=%s;", claims.Get("clientToken"), claims.Get("accessToken"), timestamp, nonce)
	hash := ""
	if r.Method == http.MethodPost && len(body) > 0 {
		sum := sha256.Sum256(body)
		hash = base64.StdEncoding.EncodeToString(sum[:])
	}
	const headers = "" // this API signs none
	data := strings.Join([]string{r.Method, r.URL.Scheme, r.URL.Host, r.URL.RequestURI(), headers, hash, header}, "\t")
	return header + "signature=" + mac(mac(claims.Get("clientSecret"), timestamp), data)
}

// mac returns the HMAC-SHA256 of text in base64, as EdgeGrid needs it of keys too.
func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
