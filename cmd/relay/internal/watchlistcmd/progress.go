package watchlistcmd

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/serverless-relay/relay/cmd/relay/internal/console"
)

// progress is a progress bar on a terminal. The zero value shows nothing.
type progress struct {
	bar *progressbar.ProgressBar
}

// newProgress returns a progress bar for the bytes of files.
func newProgress(w io.Writer, files []string) *progress {
	var total int64
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			total = -1 // the size of standard input is unknown
			break
		}
		total += info.Size()
	}
	return newBar(w, total, progressbar.OptionShowBytes(true))
}

// newCountProgress returns a progress bar for total items.
func newCountProgress(w io.Writer, total int) *progress {
	return newBar(w, int64(total), progressbar.OptionShowCount(), progressbar.OptionShowIts())
}

func newBar(w io.Writer, total int64, more ...progressbar.Option) *progress {
	if !console.IsTerminal(w) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(total, append(more,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)...)}
}

// add advances the bar by n.
func (p *progress) add(n int) {
	if p.bar != nil {
		_ = p.bar.Add(n)
	}
}

// reader counts what is read from r.
func (p *progress) reader(name string, r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	p.bar.Describe(filepath.Base(name))
	return io.TeeReader(r, p.bar)
}

// finish removes the bar.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
