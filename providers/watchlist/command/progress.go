package command

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/serverless-relay/relay/shared/console"
)

// newBar returns a progress bar. It is shown only if w is a terminal. A negative total
// is unknown.
func newBar(w io.Writer, total int64, more ...progressbar.Option) *progressbar.ProgressBar {
	if !console.IsTerminal(w) {
		w, total = io.Discard, 0
	}
	return progressbar.NewOptions64(total, append(more,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)...)
}

// size returns the size of files in bytes. It is negative if it is unknown, as for
// standard input.
func size(files []string) (total int64) {
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return -1
		}
		total += info.Size()
	}
	return total
}

// counted is a file whose bytes a progress bar counts.
type counted struct {
	io.ReadCloser
	bar *progressbar.ProgressBar
}

// Read implements io.Reader.
func (c counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	_ = c.bar.Add(n) // fails if there is more than the total, as in a named pipe
	return n, err
}
