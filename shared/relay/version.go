package relay

// Version is the relay's own version: the answer of /version. A test compares
// it with package.json.
const Version = "1.0.0"
