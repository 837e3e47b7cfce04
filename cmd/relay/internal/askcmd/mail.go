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
// headers of the mail and of mails in it, and the parts, decoded. Other content stays
// as it is, and so does a mail that is not valid.
func readable(content []byte) []byte {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil || message.Header.Get("Content-Type")+message.Header.Get("Content-Transfer-Encoding") == "" {
		return content
	}
	var text bytes.Buffer
	if writeMail(&text, content, 0) != nil {
		return content
	}
	return text.Bytes()
}

// maxDepth is how deep the parts of a mail may be nested.
const maxDepth = 20

// writeMail writes the header of a mail and its text.
func writeMail(w *bytes.Buffer, content []byte, depth int) error {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return err
	}
	header, _, _ := bytes.Cut(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	w.Write(header)
	return writePart(w, message.Header.Get, message.Body, depth)
}

// writePart writes the text in a part of a mail. field returns a field of the part's
// header.
func writePart(w *bytes.Buffer, field func(string) string, body io.Reader, depth int) error {
	w.WriteByte('\n')
	kind, parameters, _ := mime.ParseMediaType(field("Content-Type"))
	isText := kind == "" || strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "message/")
	switch strings.ToLower(strings.TrimSpace(field("Content-Transfer-Encoding"))) {
	case "base64":
		if !isText {
			return nil // a file
		}
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	switch {
	case depth == maxDepth:
		return nil
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
		content, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		return writeMail(w, content, depth+1)
	}
	_, err := w.ReadFrom(body)
	return err
}
