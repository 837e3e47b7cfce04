package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/term"
)

// newTerminal opens a terminal: what is written to one end is typed at the
// other, and what the other shows can be read.
func newTerminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there are no terminals here:", err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	var locked, number int32
	for request, at := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, keyboard.Fd(), request, uintptr(unsafe.Pointer(at))); errno != 0 {
			t.Skip("there are no terminals here:", errno)
		}
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no terminals here:", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return keyboard, screen
}

// shown reads what the terminal shows until the text is there.
func shown(t *testing.T, keyboard *os.File, text string) string {
	t.Helper()
	found := make(chan string, 1)
	go func() {
		var all strings.Builder
		for buffer := make([]byte, 256); !strings.Contains(all.String(), text); {
			n, err := keyboard.Read(buffer)
			all.Write(buffer[:n])
			if err != nil {
				break
			}
		}
		found <- all.String()
	}()
	select {
	case all := <-found:
		return all
	case <-time.After(10 * time.Second):
		t.Fatalf("the terminal doesn't show %q", text)
		return ""
	}
}

func TestASecretDoesNotShow(t *testing.T) {
	keyboard, screen := newTerminal(t)
	c := console{screen, io.Discard, screen}
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := secret{variable: "RELAY_NO_SUCH_SECRET", prompt: "password"}.get(t.Context(), c)
		fmt.Fprint(screen, "then this")
		done <- answer{text, err}
	}()
	shown(t, keyboard, "password: ")
	waitUntilHidden(t, screen)
	if _, err := keyboard.WriteString("s3cret\n"); err != nil {
		t.Fatal(err)
	}
	after := shown(t, keyboard, "then this")
	if got := <-done; got.text != "s3cret" || got.err != nil {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	if strings.Contains(after, "s3cret") {
		t.Errorf("the terminal shows %q", after)
	}
}

// echoes says whether the terminal shows what is typed.
func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	var state syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, screen.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state))); errno != 0 {
		t.Fatal(errno)
	}
	return state.Lflag&syscall.ECHO != 0
}

// waitUntilHidden waits until what is typed doesn't show.
func waitUntilHidden(t *testing.T, screen *os.File) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); echoes(t, screen); {
		if time.Now().After(end) {
			t.Fatal("what is typed shows")
		}
	}
}

// Whoever interrupts a prompt must not be left with a terminal that shows
// nothing.
func TestAnInterruptedPromptLeavesTheTerminalAsItWas(t *testing.T) {
	keyboard, screen := newTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := askSecret(ctx, console{screen, io.Discard, screen}, "password")
		done <- err
	}()
	shown(t, keyboard, "password: ")
	waitUntilHidden(t, screen)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if !echoes(t, screen) {
		t.Error("the terminal hides what is typed")
	}
	_, _ = keyboard.WriteString("\n") // ends the reading
}

func TestConfirm(t *testing.T) {
	for typed, want := range map[string]bool{"y": true, "yes": true, "n": false, "": false, "sure": false} {
		keyboard, screen := newTerminal(t)
		if _, err := keyboard.WriteString(typed + "\n"); err != nil {
			t.Fatal(err)
		}
		got, err := confirm(t.Context(), console{screen, io.Discard, screen}, "Sure?")
		if got != want || err != nil {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
	keyboard, screen := newTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := confirm(ctx, console{screen, io.Discard, screen}, "Sure?"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	_, _ = keyboard.WriteString("\n")
	if _, err := confirm(t.Context(), console{strings.NewReader("y\n"), io.Discard, io.Discard}, "Sure?"); !errors.Is(err, errNoTerminal) {
		t.Errorf("error %v", err)
	}
}

// On a terminal a report has colours, and the line that tells the progress is
// taken away.
func TestATerminalGetsColours(t *testing.T) {
	_, screen := newTerminal(t)
	t.Setenv("NO_COLOR", "")
	if !newReportPrinter(screen, false).colours || newReportPrinter(io.Discard, false).colours {
		t.Error("colours are not for terminals only")
	}
	t.Setenv("NO_COLOR", "1")
	if newReportPrinter(screen, false).colours {
		t.Error("NO_COLOR is overlooked")
	}
	keyboard, screen := newTerminal(t)
	if _, err := term.MakeRaw(int(screen.Fd())); err != nil {
		t.Fatal(err)
	}
	line := newStatusLine(screen)
	line.show("a\x1bb " + strings.Repeat("x", 100))
	line.clear()
	fmt.Fprint(screen, "end")
	if got, want := shown(t, keyboard, "end"), "\r\x1b[Ka\ufffdb "+strings.Repeat("x", 74)+"\r\x1b[Kend"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
