//go:build !race

package urlscan

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/relaytest"
)

// Of 5 MB of scans only as many become sightings as the answer has room for.
func TestLargeSearchesTakeLittleMemory(t *testing.T) {
	scan := strings.TrimSuffix(strings.TrimPrefix(found("2026-11-18"), `{"results":[`), `],"total":1,"has_more":false}`)
	var scans []string
	for i := range 5 << 20 / len(scan) {
		scans = append(scans, strings.Replace(scan, "scan-1", fmt.Sprint("scan-", i), 1))
	}
	search := `{"results":[` + strings.Join(scans, ",") + `]}`
	r := relaytest.Serve(t, Provider, serving(sends(200, search), sends(404, `{}`)), relaytest.Options{Time: now})
	r.Ask(t, "/observe/observables", phish) // takes the buffer
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := r.Ask(t, "/observe/observables", phish)
	runtime.ReadMemStats(&after)
	allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
	if n := len(a.Docs(t, "sightings")); n != 100 || allocated > 64 {
		t.Errorf("%d sightings, %d MB allocated", n, allocated)
	}
}
