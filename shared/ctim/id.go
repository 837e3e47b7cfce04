package ctim

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/google/uuid"
)

// ID identifies an entity within a response. A relay stores nothing on the platform,
// so its ids are transient: "transient:<type>-<uuid>".
type ID string

// idNamespace is the UUID namespace of all ids. It must never change, because all
// ids would.
var idNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/serverless-relay/relay/ctim"))

// NewID returns an id derived from the content that makes an entity unique. So an
// entity has the same id in each response, and the platform shows it once. kind is the
// entity's type in ids, such as "judgement".
func NewID(kind string, content ...string) ID {
	var space [256]byte // enough for most
	sum := sha1.Sum(join(append(space[:0], idNamespace[:]...), kind, content))
	sum[6] = sum[6]&0x0f | 5<<4 // version 5: a name hashed with SHA-1
	sum[8] = sum[8]&0x3f | 0x80 // the variant of RFC 9562
	id := append(append(append(space[:0], "transient:"...), kind...), '-')
	start := 0
	for _, end := range [...]int{4, 6, 8, 10} {
		id = append(hex.AppendEncode(id, sum[start:end]), '-')
		start = end
	}
	return ID(hex.AppendEncode(id, sum[start:16]))
}

// NewExternalID returns an id for use outside the platform:
// "<prefix>-<kind>-<SHA-256 of content>".
func NewExternalID(prefix, kind string, content ...string) string {
	var space [256]byte
	sum := sha256.Sum256(join(space[:0], kind, content))
	id := append(append(append(append(space[:0], prefix...), '-'), kind...), '-')
	return string(hex.AppendEncode(id, sum[:]))
}

// join appends the parts, each after its length, so that "ab","c" and "a","bc"
// differ.
func join(joined []byte, kind string, content []string) []byte {
	joined = append(joined, kind...)
	for _, part := range content {
		joined = append(joined, '|')
		joined = strconv.AppendInt(joined, int64(len(part)), 10)
		joined = append(joined, ':')
		joined = append(joined, part...)
	}
	return joined
}
