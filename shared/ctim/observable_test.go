package ctim_test

import (
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
)

func TestNouns(t *testing.T) {
	for kind, want := range map[ctim.ObservableType]string{
		ctim.TypeIP: "IP address", ctim.TypeIPv6: "IP address", ctim.TypeURL: "URL", ctim.TypeMD5: "MD5",
		ctim.TypeSHA1: "SHA-1", ctim.TypeSHA256: "SHA-256", ctim.TypeFileName: "file name", ctim.TypeDomain: "domain",
	} {
		if got := kind.Noun(); got != want {
			t.Errorf("%s is a %q, want %q", kind, got, want)
		}
	}
}
