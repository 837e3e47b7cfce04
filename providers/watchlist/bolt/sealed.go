package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
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
	if bucket == metaBucket && len(value) == 8 {
		return nil, errUnsealed
	}
	if len(value) < sealSize || binary.BigEndian.Uint32(value) != checksum(bucket, key, value[sealSize:]) {
		return nil, damaged("the checksum of %q in %s is wrong", key, bucket)
	}
	return value[sealSize:], nil
}

// errUnsealed reports a file without checksums: its version is only a number.
var errUnsealed = fmt.Errorf("%w of this version: an earlier relay wrote it: import your lists into a new file, or use that relay", entry.ErrForeign)

// checksum returns a CRC-32C.
func checksum(bucket string, key, content []byte) uint32 {
	sum := crc32.Update(0, castagnoli(), []byte(bucket))
	return crc32.Update(crc32.Update(sum, castagnoli(), key), castagnoli(), content)
}

// castagnoli returns the polynomial's table. On x86-64, making the larger tables of
// package crc32 would take a twelfth of a function's start. What they save is less,
// because keys and contents are short.
var castagnoli = sync.OnceValue(func() *crc32.Table {
	table := new(crc32.Table)
	for i := range table {
		sum := uint32(i)
		for range 8 {
			sum = sum>>1 ^ crc32.Castagnoli*(sum&1)
		}
		table[i] = sum
	}
	return table
})
