package ctim

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/google/uuid"
)

// ID names an entity within an answer. A relay stores nothing on the
// platform, so its ids are transient: "transient:<type>-<uuid>".
type ID string

// idNamespace is the UUID namespace of all ids that relays make. It never
// changes: ids would.
var idNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/serverless-relay/relay/ctim"))

// NewID makes the id of an entity from what makes that entity unique, so that
// the same answer twice has the same ids and the platform shows it once.
// The kind is the entity's type as it stands in ids, such as "judgement".
func NewID(kind string, content ...string) ID {
	return ID("transient:" + kind + "-" + uuid.NewSHA1(idNamespace, join(kind, content)).String())
}

// NewExternalID makes an id under which another system's user can find the
// entity again: "<prefix>-<kind>-<SHA-256 of content>".
func NewExternalID(prefix, kind string, content ...string) string {
	sum := sha256.Sum256(join(kind, content))
	return prefix + "-" + kind + "-" + hex.EncodeToString(sum[:])
}

// join writes each part with its length before it: "ab","c" and "a","bc" differ.
func join(kind string, content []string) []byte {
	joined := make([]byte, 0, 256) // most fit
	joined = append(joined, kind...)
	for _, part := range content {
		joined = append(joined, '|')
		joined = strconv.AppendInt(joined, int64(len(part)), 10)
		joined = append(joined, ':')
		joined = append(joined, part...)
	}
	return joined
}
