package ctim

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/google/uuid"
)

// ID identifies an entity within an answer. A relay stores nothing on the platform,
// so its ids are transient: "transient:<type>-<uuid>".
type ID string

// idNamespace is the UUID namespace of all ids. It must never change, because all
// ids would.
var idNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/serverless-relay/relay/ctim"))

// NewID returns an id derived from the content that makes an entity unique. So an
// entity has the same id in each answer, and the platform shows it once. kind is the
// entity's type in ids, such as "judgement".
func NewID(kind string, content ...string) ID {
	return ID("transient:" + kind + "-" + uuid.NewSHA1(idNamespace, join(kind, content)).String())
}

// NewExternalID returns an id for use outside the platform:
// "<prefix>-<kind>-<SHA-256 of content>".
func NewExternalID(prefix, kind string, content ...string) string {
	sum := sha256.Sum256(join(kind, content))
	return prefix + "-" + kind + "-" + hex.EncodeToString(sum[:])
}

// join joins the parts, each after its length, so that "ab","c" and "a","bc" differ.
func join(kind string, content []string) []byte {
	joined := make([]byte, 0, 256) // enough for most
	joined = append(joined, kind...)
	for _, part := range content {
		joined = append(joined, '|')
		joined = strconv.AppendInt(joined, int64(len(part)), 10)
		joined = append(joined, ':')
		joined = append(joined, part...)
	}
	return joined
}
