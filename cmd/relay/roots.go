package main

// A container image without an operating system has no certificate authorities. These
// are Mozilla's. They count only if the system has none of its own.
import _ "golang.org/x/crypto/x509roots/fallback"
