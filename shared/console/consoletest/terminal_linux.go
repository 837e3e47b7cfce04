// Package consoletest has a terminal for tests.
package consoletest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is a terminal with a test in front of it instead of a person.
type Terminal struct {
	t      *testing.T
	person *os.File
	// Other is the end that a command reads and writes.
	Other *os.File

	mu    sync.Mutex
	shown strings.Builder
}

func NewTerminal(t *testing.T) *Terminal {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	// Not by Fd, after which a read could not be ended by Close.
	raw, err := person.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	var unlocked, numbered error
	err = raw.Control(func(fd uintptr) {
		unlocked = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		n, numbered = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	})
	if err := errors.Join(err, unlocked, numbered); err != nil {
		t.Fatal(err)
	}
	other, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	p := &Terminal{t: t, person: person, Other: other}
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		_, _ = io.Copy(p, person)
	}()
	t.Cleanup(func() {
		_ = person.Close() // which hangs up
		<-watching
		_ = other.Close()
	})
	return p
}

// Write keeps what is shown on the screen.
func (p *Terminal) Write(shown []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.Write(shown)
}

func (p *Terminal) Screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

func (p *Terminal) Echoes() bool {
	state, err := unix.IoctlGetTermios(int(p.Other.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// Until waits for something to be shown.
func (p *Terminal) Until(shown string) {
	p.t.Helper()
	p.wait(func() bool { return strings.Contains(p.Screen(), shown) }, shown)
}

// UntilAsked waits for a question, and for the terminal to hide what is typed.
func (p *Terminal) UntilAsked(question string) {
	p.t.Helper()
	p.wait(func() bool { return strings.Contains(p.Screen(), question) && !p.Echoes() }, question)
}

func (p *Terminal) wait(done func() bool, what string) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			p.t.Fatalf("waited in vain for %q on the screen: %q", what, p.Screen())
		}
	}
}

func (p *Terminal) Enter(line string) {
	p.t.Helper()
	if _, err := p.person.WriteString(line + "\n"); err != nil {
		p.t.Fatal(err)
	}
}
