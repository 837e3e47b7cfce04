package extract_test

import (
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/extract"
)

func BenchmarkObservables(b *testing.B) {
	text := strings.Repeat("A user (ann@example.com) clicked hxxps://www.evil[.]example/a?b=c at 10:12 on 2026-01-02, from 192[.]0[.]2[.]66:443; see \"report.pdf\".\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		extract.Observables(text)
	}
}
