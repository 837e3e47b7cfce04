package bolt

import (
	"encoding/binary"
	"hash/crc32"
)

// sealSize is the size of the checksum before a content, in bytes.
const sealSize = 4

// seal returns the value to store for a content: a checksum of bucket, key and content,
// then the content.
func seal(bucket string, key, content []byte) []byte {
	value := make([]byte, 0, sealSize+len(content))
	return append(binary.BigEndian.AppendUint32(value, checksum(bucket, key, content)), content...)
}

// unseal returns the content of a value.
func unseal(bucket string, key, value []byte) ([]byte, error) {
	if len(value) < sealSize || binary.BigEndian.Uint32(value) != checksum(bucket, key, value[sealSize:]) {
		return nil, damaged("the checksum of %q in %s is wrong", key, bucket)
	}
	return value[sealSize:], nil
}

// checksum uses the polynomial for which processors have an instruction. Its tables
// are made on first use, because a relay without a watchlist needs none.
func checksum(bucket string, key, content []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(0, castagnoli, []byte(bucket))
	return crc32.Update(crc32.Update(sum, castagnoli, key), castagnoli, content)
}
