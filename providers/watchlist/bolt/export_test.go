package bolt

// Seal returns the value that is stored for a content.
func Seal(bucket, key string, content []byte) []byte { return seal(bucket, []byte(key), content) }
