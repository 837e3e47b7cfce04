package bolt_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// creating is the variable that makes this test's binary create one watchlist after the
// other in the folder that it names.
const creating = "RELAY_TEST_CREATE_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(creating); dir != "" {
		create(dir)
	}
	os.Exit(m.Run())
}

// create creates watchlists with one entry. Before each it writes a number to standard
// output, which acknowledges the one before.
func create(dir string) {
	for n := 0; ; n++ {
		fmt.Println(n)
		store, err := bolt.Open(numbered(dir, n), bolt.Options{})
		if err == nil {
			_, err = store.Put(context.Background(), []entry.Entry{storetest.Entry("192.0.2.1", "a")})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func numbered(dir string, n int) string { return filepath.Join(dir, strconv.Itoa(n), "watchlist.db") }

// A process that is killed while it creates a file, or writes to it for the first time,
// leaves no file, or one that can be used and contains all acknowledged entries.
func TestKilledEarly(t *testing.T) {
	const kills, workers = 200, 4
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var rounds, unfinished atomic.Int32
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 0))
			for rounds.Add(1) <= kills {
				dir := t.TempDir()
				child := exec.Command(self)
				child.Env = append(os.Environ(), creating+"="+dir)
				child.Stderr = os.Stderr
				stdout, err := child.StdoutPipe()
				if err != nil {
					t.Error(err)
					return
				}
				if err := child.Start(); err != nil {
					t.Error(err)
					return
				}
				begun := -1
				lines := bufio.NewScanner(stdout)
				for lines.Scan() {
					if begun++; begun == 0 {
						time.AfterFunc(time.Duration(random.IntN(30_000))*time.Microsecond, func() { _ = child.Process.Kill() })
					}
				}
				_ = child.Wait() // its error is that it was killed
				unfinished.Add(int32(left(t, dir, begun)))
			}
		})
	}
	group.Wait()
	t.Logf("%d of %d kills left a file without an entry, or none", unfinished.Load(), kills)
}

// left checks the files of a killed process. Those before the last were acknowledged. It
// returns how many have no entry.
func left(t *testing.T, dir string, last int) (empty int) {
	for n := range last + 1 {
		store, err := bolt.Open(numbered(dir, n), bolt.Options{})
		if err != nil {
			t.Errorf("file %d of %d: %v", n, last, err)
			continue
		}
		found, err := entry.Verify(t.Context(), store)
		if err != nil || n < last && found.Entries != 1 {
			t.Errorf("file %d of %d: %+v, %v", n, last, found, err)
		}
		if found.Entries == 0 {
			empty++
		}
		if _, err := store.Put(t.Context(), []entry.Entry{storetest.Entry("192.0.2.2", "a")}); err != nil {
			t.Errorf("file %d of %d: %v", n, last, err)
		}
		_ = store.Close()
	}
	return empty
}
