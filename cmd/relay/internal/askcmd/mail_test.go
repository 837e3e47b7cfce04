package askcmd

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/extract"
)

func TestReadable(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte("see https://b64.example/x and more text, so that the lines are broken\n"))
	encoded = encoded[:40] + "\r\n" + encoded[40:]
	parts := "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + encoded + "\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a href=3D\"https://www.evil-si=\r\nte.example/a?x=3D1\">\r\n" +
		"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("zip.example")) + "\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: inner@inner.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttps://in=\r\nner.example/y\r\n" +
		"--b--\r\n"
	for name, test := range map[string]struct {
		content string
		want    string
	}{
		"parts": {"From: bad@phish.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts,
			"bad@phish.example https://b64.example/x https://www.evil-site.example/a?x=1 inner@inner.example https://inner.example/y"},
		"one part":           {"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\nevil=\n.example\n", "evil.example"},
		"other text":         {"Content-Type: application/json\n\n{\"ip\": \"192.0.2.1\"}\n", "192.0.2.1"},
		"a report of a mail": {"Content-Type: message/delivery-status\n\nRemote-MTA: dns; evil.example\n", "evil.example"},
		"no mail":            {"see evil.example\n\nand other.example", "evil.example other.example"},
		"a mail as text":     {"From: bad@phish.example\n\nevil.example a=3D1", "bad@phish.example evil.example"},
		"broken base64":      {"Subject: x\nContent-Transfer-Encoding: base64\n\n!! evil.example\n", "evil.example"},
		"cut off":            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nevil.example\n", "evil.example"},
		"without a boundary": {"Content-Type: multipart/mixed\n\nevil.example\n", "evil.example"},
	} {
		var found []string
		for _, o := range extract.Observables(string(readable([]byte(test.content)))) {
			found = append(found, o.Value)
		}
		if got := strings.Join(found, " "); got != test.want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestReadableOfDeeplyNestedParts(t *testing.T) {
	mail := "evil.example\n"
	for range 10 * maxDepth {
		mail = "Content-Type: message/rfc822\n\n" + mail
	}
	if got := readable([]byte(mail)); len(got) > len(mail) {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzReadable(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nZXZpbA==\n--b--\n"))
	f.Add([]byte("Content-Transfer-Encoding: quoted-printable\n\nev=\nil=3D"))
	f.Fuzz(func(t *testing.T, content []byte) {
		before := bytes.Clone(content)
		text := readable(content)
		if !bytes.Equal(before, content) {
			t.Error("the content was changed")
		}
		if len(text) > 3*len(content)+maxDepth {
			t.Errorf("%d bytes of %d", len(text), len(content))
		}
	})
}
