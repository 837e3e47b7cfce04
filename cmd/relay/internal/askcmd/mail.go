package askcmd

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// readable returns the text of a mail in its source form, such as an .eml file: the
// header, and the parts with text, decoded. Other content stays as it is, and so does
// a mail that is not valid.
func readable(content []byte) []byte {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil || message.Header.Get("Content-Type")+message.Header.Get("Content-Transfer-Encoding") == "" {
		return content
	}
	var text bytes.Buffer
	header, _, _ := bytes.Cut(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	text.Write(header)
	if writePart(&text, message.Header.Get, message.Body, 0) != nil {
		return content
	}
	return text.Bytes()
}

// maxDepth is how deep the parts of a mail may be nested.
const maxDepth = 20

// writePart writes the text in a part of a mail. field returns a field of the part's
// header.
func writePart(w *bytes.Buffer, field func(string) string, body io.Reader, depth int) error {
	w.WriteByte('\n')
	switch strings.ToLower(strings.TrimSpace(field("Content-Transfer-Encoding"))) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	kind, parameters, _ := mime.ParseMediaType(field("Content-Type"))
	switch {
	case depth == maxDepth:
	case strings.HasPrefix(kind, "multipart/"):
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := writePart(w, part.Header.Get, part, depth+1); err != nil {
				return err
			}
		}
	case kind == "message/rfc822":
		attached, err := mail.ReadMessage(body)
		if err != nil {
			return err
		}
		return writePart(w, attached.Header.Get, attached.Body, depth+1)
	case kind == "", strings.HasPrefix(kind, "text/"):
		_, err := w.ReadFrom(body)
		return err
	}
	return nil
}
