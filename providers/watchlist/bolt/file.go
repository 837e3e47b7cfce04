package bolt

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// lockTimeout is how long to wait for another process to close the file: long
// enough for one that is about to end.
const lockTimeout = time.Second

// file is an open file. Its methods return errors without its path.
//
// bbolt locks the file and writes to it. It doesn't read: a page that is missing,
// because somebody has cut the file off, would be a panic that leaves bbolt's
// own locks held.
type file struct {
	db       *bbolt.DB
	handle   *os.File
	pageSize int
	id       string // the file's own ID

	writing  sync.Mutex
	checked  bool // the branches are
	panicked bool // bbolt has

	mu     sync.Mutex
	info   os.FileInfo // as the last transaction has left it
	state  *state
	before *state // nil: there was no transaction yet
	broken bool   // it must be opened again: bbolt panicked, or somebody else wrote to it
}

// state is the state of the file after a transaction, with its readers.
type state struct {
	meta
	readers sync.WaitGroup
}

// openFile opens a file that exists. It is checked before bbolt may write to it.
func openFile(path string, readOnly bool) (*file, error) {
	if !readOnly {
		f, err := openFile(path, true)
		if err != nil {
			return nil, err
		}
		err = f.view(func(t *tree) error {
			_, _, err := t.free()
			return err
		})
		if err = errors.Join(err, f.db.Close()); err != nil {
			return nil, err
		}
	}
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return nil, damaged("it is empty") // bbolt would make a new one
	}
	f := &file{}
	err := carefully(func() (err error) {
		f.db, err = bbolt.Open(path, 0, &bbolt.Options{
			ReadOnly:     readOnly,
			Timeout:      lockTimeout,
			FreelistType: bbolt.FreelistMapType,
			OpenFile: func(path string, flags int, mode os.FileMode) (_ *os.File, err error) {
				f.handle, err = os.OpenFile(path, flags&^os.O_CREATE, mode)
				return f.handle, err
			},
		})
		return err
	})
	if err != nil {
		if errors.As(err, new(*panicError)) {
			f.closeHandle()
		}
		return nil, explain(err)
	}
	f.pageSize = f.db.Info().PageSize
	if err := f.check(); err != nil {
		_ = f.db.Close()
		return nil, err
	}
	return f, nil
}

// explain names what prevents a file from being opened.
func explain(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w by another process (stop `relay serve` or `npm start` first)", entry.ErrLocked)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%w: the file has another format", entry.ErrForeign)
	case errors.Is(err, bolterrors.ErrChecksum):
		return damaged("its first pages can't be read")
	default:
		return err
	}
}

// check refuses what can't be used, as far as that shows without reading the
// entries: a file that was cut off, another program's, or a later relay's.
func (f *file) check() (err error) {
	f.state = &state{}
	if f.info, err = f.handle.Stat(); err != nil {
		return err
	}
	if f.state.meta, err = readMeta(f.handle, f.pageSize); err != nil {
		return err
	}
	if size := int64(f.state.pages) * int64(f.pageSize); size > f.info.Size() {
		return damaged("it was cut off at %d of %d bytes", f.info.Size(), size)
	}
	t := f.tree(f.state.meta)
	version := uint64(0)
	err = t.get(metaBucket, []string{versionKey, idKey}, func(i int, content []byte) error {
		if i == 0 {
			version = parseNumber(content)
		} else {
			f.id = string(content)
		}
		return nil
	})
	switch {
	case errors.Is(err, errNoBucket):
		return fmt.Errorf("%w: it is another program's database", entry.ErrForeign)
	case err != nil:
		return err
	case version != layout:
		return fmt.Errorf("%w of this version: it has layout %d and this relay reads layout %d: import your lists into a new file, or use the relay that wrote it", entry.ErrForeign, version, layout)
	}
	for _, name := range buckets() {
		if _, err := t.bucket(name); err != nil {
			return err
		}
	}
	return nil
}

// tree returns the buckets as a transaction has left them.
func (f *file) tree(m meta) *tree { return &tree{meta: m, file: f.handle, pageSize: f.pageSize} }

// current reports whether this is still the file at a path, and nobody else has
// written to it.
func (f *file) current(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	f.mu.Lock()
	same := os.SameFile(info, f.info) && !f.broken
	touched := !info.ModTime().Equal(f.info.ModTime()) || info.Size() != f.info.Size()
	f.mu.Unlock()
	if !same || !touched {
		return same
	}
	f.writing.Lock() // perhaps a transaction of our own is being written
	defer f.writing.Unlock()
	return f.unchanged() == nil
}

// unchanged returns errReplaced unless the file is as the last transaction left it.
// The caller must hold writing.
func (f *file) unchanged() error {
	found, err := readMeta(f.handle, f.pageSize)
	id := ""
	if err == nil && found == f.state.meta {
		id, err = f.tree(found).id()
	}
	info, statErr := f.handle.Stat()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken = f.broken || err != nil || statErr != nil || id != f.id; f.broken {
		return errReplaced
	}
	f.info = info
	return nil
}

// errReplaced: somebody has written over the file.
var errReplaced = errors.New("the file was replaced")

// close closes the file when nobody uses it any more.
func (f *file) close() error {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.mu.Lock()
	f.broken = true // for those who come now
	f.mu.Unlock()
	if f.before != nil {
		f.before.readers.Wait()
	}
	f.state.readers.Wait()
	if f.panicked {
		f.closeHandle() // bbolt could wait for ever
		return nil
	}
	return f.db.Close()
}

func (f *file) closeHandle() {
	unlock(f.handle)
	_ = f.handle.Close()
}

// view calls do with the file as the last transaction has left it. It returns
// errReplaced without calling it if the file is to be opened again.
func (f *file) view(do func(*tree) error) error {
	f.mu.Lock()
	if f.broken {
		f.mu.Unlock()
		return errReplaced
	}
	now := f.state
	now.readers.Add(1)
	f.mu.Unlock()
	defer now.readers.Done()
	return do(f.tree(now.meta))
}

// update calls do with a transaction and commits it, unless do returns an error.
// It returns errReplaced without calling it if the file is to be opened again.
//
// bbolt writes over pages that became free in the transaction before, so those
// who read what was before that must be done. It leaves alone what the last
// transaction has left.
func (f *file) update(do func(*bbolt.Tx) error) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := f.unchanged(); err != nil {
		return err
	}
	if !f.checked {
		if err := f.tree(f.state.meta).checkBranches(); err != nil {
			return err
		}
		f.checked = true
	}
	if f.before != nil {
		f.before.readers.Wait()
	}
	err := carefully(func() error { return f.db.Update(do) })
	if err == nil {
		return f.committed()
	}
	if errors.As(err, new(*panicError)) {
		f.mu.Lock()
		f.panicked, f.broken = true, true
		f.mu.Unlock()
	}
	switch {
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly):
		return entry.ErrReadOnly
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: make room on its disk: %w", entry.ErrFull, err)
	default:
		return err
	}
}

// committed takes over what a transaction has left.
func (f *file) committed() error {
	left, err := readMeta(f.handle, f.pageSize)
	if err != nil {
		return err
	}
	info, err := f.handle.Stat()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.state, f.info = f.state, &state{meta: left}, info
	return nil
}

// carefully turns a panic of do into an error. bbolt panics on pages that make no
// sense. Reading beyond the end of the file, which would end the process, is made
// a panic too.
func carefully(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p}
		}
	}()
	return do()
}

// panicError is a panic of bbolt.
type panicError struct{ value any }

func (p *panicError) Error() string {
	return fmt.Sprintf("%v, or somebody has written over it: %v", entry.ErrDamaged, p.value)
}

func (p *panicError) Unwrap() error { return entry.ErrDamaged }
