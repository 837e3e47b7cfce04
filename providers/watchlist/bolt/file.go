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

// lockTimeout is how long to wait for another process to close the file. It is long
// enough for a process that is about to end.
const lockTimeout = time.Second

// file is an open file. Its methods return errors without its path.
//
// bbolt locks the file and writes to it, but doesn't read it for view: if the file was
// cut off, a missing page would be a panic that leaves bbolt's locks locked.
type file struct {
	db       *bbolt.DB
	handle   *os.File
	pageSize int
	id       string // identifies the file, whatever its path

	writing  sync.Mutex
	checked  bool // checkBranches succeeded
	panicked bool // bbolt has

	mu     sync.Mutex
	info   os.FileInfo // after the last transaction
	state  *state
	before *state // nil before the first transaction
	broken bool   // the file must be opened again: bbolt panicked, or another process wrote to it
}

// state is the state of the file after a transaction, with its readers.
type state struct {
	meta
	readers sync.WaitGroup
}

// openFile opens a file that exists. A file to write to is checked first, before bbolt
// can write to it.
func openFile(path string, readOnly bool) (*file, error) {
	if !readOnly {
		f, err := openFile(path, true)
		if err != nil {
			return nil, err
		}
		err = f.view(func(t *tree) error {
			_, err := t.free()
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
		if errors.Is(err, errPanic) {
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

// explain returns why bbolt can't open a file.
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

// check returns an error for a file that was cut off, or is another program's or a
// later relay's. It doesn't read the entries.
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
	t.known = map[uint64]page{}
	version, err := t.get(metaBucket, []byte(versionKey))
	switch {
	case errors.Is(err, errNoBucket):
		return fmt.Errorf("%w: it is another program's database", entry.ErrForeign)
	case err != nil:
		return err
	case parseNumber(version) != layout:
		return fmt.Errorf("%w of this version: it has layout %d and this relay reads layout %d: import your lists into a new file, or use the relay that wrote it", entry.ErrForeign, parseNumber(version), layout)
	}
	for _, name := range buckets {
		if _, err := t.bucket(name); err != nil {
			return err
		}
	}
	f.id, err = t.id()
	return err
}

// tree returns the buckets as a transaction left them.
func (f *file) tree(m meta) *tree { return &tree{meta: m, file: f.handle, pageSize: f.pageSize} }

// current reports whether the file is still the one at path, and no other process has
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
	f.writing.Lock() // it may be this process that is writing
	defer f.writing.Unlock()
	return f.unchanged() == nil
}

// unchanged returns errReplaced unless the file is as the last transaction left it. The
// caller must have locked writing.
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

// errReplaced reports that another process has replaced the file or written to it.
var errReplaced = errors.New("the file was replaced")

// close waits for the readers and the writer, and closes the file.
func (f *file) close() error {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.mu.Lock()
	f.broken = true // there are no new readers
	f.mu.Unlock()
	if f.before != nil {
		f.before.readers.Wait()
	}
	f.state.readers.Wait()
	if f.panicked {
		f.closeHandle() // bbolt could wait forever
		return nil
	}
	return f.db.Close()
}

func (f *file) closeHandle() {
	unlock(f.handle)
	_ = f.handle.Close()
}

// view calls do with the file as the last transaction left it. If the file must be
// opened again, it returns errReplaced instead.
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

// update calls do with a transaction, and commits it unless do returns an error. If the
// file must be opened again, it returns errReplaced instead.
//
// bbolt doesn't write over the pages of the last transaction. It does write over pages
// that the last transaction freed, so update first waits for those who read the state
// before it.
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
	switch {
	case err == nil:
		return f.committed()
	case errors.Is(err, errPanic):
		f.mu.Lock()
		f.panicked, f.broken = true, true
		f.mu.Unlock()
		return err
	case errors.Is(err, bolterrors.ErrDatabaseReadOnly):
		return entry.ErrReadOnly
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: make room on its disk: %w", entry.ErrFull, err)
	default:
		return err
	}
}

// committed makes the state after a transaction the current one.
func (f *file) committed() error {
	after, err := readMeta(f.handle, f.pageSize)
	if err != nil {
		return err
	}
	info, err := f.handle.Stat()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.state, f.info = f.state, &state{meta: after}, info
	return nil
}

// errPanic reports that bbolt panicked.
var errPanic = fmt.Errorf("%w, or another process has written over it", entry.ErrDamaged)

// carefully turns a panic of do into an errPanic. bbolt panics on invalid pages. Reading
// beyond the end of the file, which would end the process, becomes a panic too.
func carefully(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	return do()
}
