package bolt

// Seal returns the value to store for a content.
func Seal(bucket, key string, content []byte) []byte { return seal(bucket, []byte(key), content) }
