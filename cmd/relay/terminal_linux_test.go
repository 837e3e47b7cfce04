package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal is a terminal with a test in front of it instead of a person.
type pseudoTerminal struct {
	t             *testing.T
	person, other *os.File

	mu    sync.Mutex
	shown strings.Builder
}

func newPseudoTerminal(t *testing.T) *pseudoTerminal {
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
	p := &pseudoTerminal{t: t, person: person, other: other}
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
func (p *pseudoTerminal) Write(shown []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.Write(shown)
}

func (p *pseudoTerminal) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.String()
}

func (p *pseudoTerminal) echoes() bool {
	state, err := unix.IoctlGetTermios(int(p.other.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// until waits for something to be shown.
func (p *pseudoTerminal) until(shown string) {
	p.t.Helper()
	p.wait(func() bool { return strings.Contains(p.screen(), shown) }, shown)
}

// untilAsked waits for a question, and for the terminal to hide what is typed.
func (p *pseudoTerminal) untilAsked(question string) {
	p.t.Helper()
	p.wait(func() bool { return strings.Contains(p.screen(), question) && !p.echoes() }, question)
}

func (p *pseudoTerminal) wait(done func() bool, what string) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			p.t.Fatalf("waited in vain for %q on the screen: %q", what, p.screen())
		}
	}
}

func (p *pseudoTerminal) enter(line string) {
	p.t.Helper()
	if _, err := p.person.WriteString(line + "\n"); err != nil {
		p.t.Fatal(err)
	}
}

// start runs the command at the terminal.
func (p *pseudoTerminal) start(ctx context.Context, args ...string) <-chan int {
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, args, console{p.other, p.other, p.other, findProvider}) }()
	return exit
}

func TestCredentialsAreTypedHidden(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	p := newPseudoTerminal(t)
	exit := p.start(t.Context(), "jwt", "dev", "--save")
	p.untilAsked("Its address: ")
	p.enter("  ") // is asked again
	p.untilAsked("(0 characters)\r\nIts address: ")
	p.enter("https://s3cr3t.example")
	p.untilAsked("(22 characters)\r\nYour key: ")
	p.enter(" s3cr3t-key ")
	p.untilAsked("Your tenant (optional): ")
	p.enter("")
	p.until("module type 11-us\r\n")
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !p.echoes() {
		t.Error("the terminal is left mute")
	}
	// On a terminal all is shown, but not what was typed.
	found := regexp.MustCompile(`(?s)\r\n  (eyJ\S+)\r\n.*\r\n  ([A-Z0-9]{64})\r\n`).FindStringSubmatch(p.screen())
	if found == nil || strings.Contains(p.screen(), "s3cr3t") {
		t.Fatalf("the screen: %s", p.screen())
	}
	claims := accepted(t, found[1], found[2], "")
	if claims.Get("HOST") != "https://s3cr3t.example" || claims.Get("AuthKey") != "s3cr3t-key" || claims.Get("tenant") != "" {
		t.Error("the token has other credentials")
	}
	if c.content(".env.dev") != "SECRET_KEY="+found[2]+"\n" {
		t.Errorf("saved %q", c.content(".env.dev"))
	}
}

// A claim without a value is asked for, and what it gives is not asked for again.
func TestAClaimIsTypedHidden(t *testing.T) {
	newProject(t, moduleOfTwo)
	t.Setenv("SECRET_KEY", oldKey)
	p := newPseudoTerminal(t)
	exit := p.start(t.Context(), "jwt", "dev", "--claim", "HOST", "--claim", "AuthKey")
	p.untilAsked("HOST: ")
	p.enter("https://s3cr3t.example")
	p.untilAsked("AuthKey: ")
	p.enter("s3cr3t-key")
	p.until("module type 11-us\r\n")
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	found := regexp.MustCompile(`\r\n  (eyJ\S+)\r\n`).FindStringSubmatch(p.screen())
	if found == nil || strings.Contains(p.screen(), "s3cr3t") || strings.Contains(p.screen(), "Its address") {
		t.Fatalf("the screen: %s", p.screen())
	}
	if claims := accepted(t, found[1], oldKey, ""); claims.Get("HOST") != "https://s3cr3t.example" || claims.Get("AuthKey") != "s3cr3t-key" {
		t.Error("the token has other credentials")
	}
}

func TestServePrintsATokenOnATerminal(t *testing.T) {
	for key, printed := range map[string]bool{"": true, oldKey: false} {
		t.Run("SECRET_KEY "+key, func(t *testing.T) {
			newCLI(t)
			t.Setenv("SECRET_KEY", key)
			p := newPseudoTerminal(t)
			ctx, stop := context.WithCancel(t.Context())
			exit := p.start(ctx, "serve", "--addr", "127.0.0.1:0")
			p.until("Ctrl-C stops it")
			stop()
			if code := <-exit; code != 0 {
				t.Errorf("exit code %d", code)
			}
			if strings.Contains(p.screen(), "Bearer eyJ") != printed {
				t.Errorf("the screen: %s", p.screen())
			}
		})
	}
}

func TestTypingCanBeInterrupted(t *testing.T) {
	newProject(t, moduleOfTwo)
	p := newPseudoTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	exit := p.start(ctx, "jwt", "dev")
	p.untilAsked("Its address: ")
	interrupt()
	if code := <-exit; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if !p.echoes() {
		t.Error("the terminal is left mute")
	}
	p.enter("") // lets the reader go
}

// Half a credential is none, and neither is one with other characters.
func TestWhatATerminalMaySpoilIsRefused(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	for typed, wanted := range map[string]string{strings.Repeat("s3cr3t", 200): "a terminal may cut it", "s3cr3t\xfc": "not UTF-8"} {
		p := newPseudoTerminal(t)
		exit := p.start(t.Context(), "jwt", "dev", "--save")
		p.untilAsked("Its address: ")
		p.enter(typed)
		p.until(wanted)
		if code := <-exit; code != exitFailed {
			t.Errorf("exit code %d", code)
		}
		if strings.Contains(p.screen(), "s3cr3t") || c.content(".env.dev") != "" {
			t.Errorf("the screen: %s", p.screen())
		}
	}
}

func TestATokenIsTypedHidden(t *testing.T) {
	newProject(t, moduleOfTwo)
	p := newPseudoTerminal(t)
	exit := p.start(t.Context(), "jwt", "inspect")
	p.untilAsked("Token: ")
	token := sign(t, oldKey, map[string]any{"AuthKey": "s3cr3t"})
	p.enter(token)
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.until("claims     AuthKey\r\n")
	if strings.Contains(p.screen(), token) {
		t.Errorf("the screen: %s", p.screen())
	}
}
