package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/shared/console"
	"github.com/serverless-relay/relay/shared/console/consoletest"
)

// start runs the command at the terminal.
func start(ctx context.Context, p *consoletest.Terminal, args ...string) <-chan int {
	exit := make(chan int, 1)
	go func() { exit <- run(ctx, args, console.Console{In: p.Other, Out: p.Other, Err: p.Other}, findProvider) }()
	return exit
}

func TestCredentialsAreTypedHidden(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	p := consoletest.NewTerminal(t)
	exit := start(t.Context(), p, "jwt", "dev", "--save")
	p.UntilAsked("Its address: ")
	p.Enter("  ") // is asked again
	p.UntilAsked("(0 characters)\r\nIts address: ")
	p.Enter("https://s3cr3t.example")
	p.UntilAsked("(22 characters)\r\nYour key: ")
	p.Enter(" s3cr3t-key ")
	p.UntilAsked("Your tenant (optional): ")
	p.Enter("")
	p.Until("module type 11-us\r\n")
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !p.Echoes() {
		t.Error("the terminal is left mute")
	}
	// On a terminal all is shown, but not what was typed.
	found := regexp.MustCompile(`(?s)\r\n  (eyJ\S+)\r\n.*\r\n  ([A-Z0-9]{64})\r\n`).FindStringSubmatch(p.Screen())
	if found == nil || strings.Contains(p.Screen(), "s3cr3t") {
		t.Fatalf("the screen: %s", p.Screen())
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
	p := consoletest.NewTerminal(t)
	exit := start(t.Context(), p, "jwt", "dev", "--claim", "HOST", "--claim", "AuthKey")
	p.UntilAsked("HOST: ")
	p.Enter("https://s3cr3t.example")
	p.UntilAsked("AuthKey: ")
	p.Enter("s3cr3t-key")
	p.Until("module type 11-us\r\n")
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	found := regexp.MustCompile(`\r\n  (eyJ\S+)\r\n`).FindStringSubmatch(p.Screen())
	if found == nil || strings.Contains(p.Screen(), "s3cr3t") || strings.Contains(p.Screen(), "Its address") {
		t.Fatalf("the screen: %s", p.Screen())
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
			p := consoletest.NewTerminal(t)
			ctx, stop := context.WithCancel(t.Context())
			exit := start(ctx, p, "serve", "--addr", "127.0.0.1:0")
			p.Until("Ctrl-C stops it")
			stop()
			if code := <-exit; code != 0 {
				t.Errorf("exit code %d", code)
			}
			if strings.Contains(p.Screen(), "Bearer eyJ") != printed {
				t.Errorf("the screen: %s", p.Screen())
			}
		})
	}
}

func TestTypingCanBeInterrupted(t *testing.T) {
	newProject(t, moduleOfTwo)
	p := consoletest.NewTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	exit := start(ctx, p, "jwt", "dev")
	p.UntilAsked("Its address: ")
	interrupt()
	if code := <-exit; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if !p.Echoes() {
		t.Error("the terminal is left mute")
	}
	p.Enter("") // lets the reader go
}

// Half a credential is none, and neither is one with other characters.
func TestWhatATerminalMaySpoilIsRefused(t *testing.T) {
	c := newProject(t, moduleOfTwo)
	for typed, wanted := range map[string]string{strings.Repeat("s3cr3t", 200): "a terminal may cut it", "s3cr3t\xfc": "not UTF-8"} {
		p := consoletest.NewTerminal(t)
		exit := start(t.Context(), p, "jwt", "dev", "--save")
		p.UntilAsked("Its address: ")
		p.Enter(typed)
		p.Until(wanted)
		if code := <-exit; code != exitFailed {
			t.Errorf("exit code %d", code)
		}
		if strings.Contains(p.Screen(), "s3cr3t") || c.content(".env.dev") != "" {
			t.Errorf("the screen: %s", p.Screen())
		}
	}
}

func TestATokenIsTypedHidden(t *testing.T) {
	newProject(t, moduleOfTwo)
	p := consoletest.NewTerminal(t)
	exit := start(t.Context(), p, "jwt", "inspect")
	p.UntilAsked("Token: ")
	token := sign(t, oldKey, map[string]any{"AuthKey": "s3cr3t"})
	p.Enter(token)
	if code := <-exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.Until("claims     AuthKey\r\n")
	if strings.Contains(p.Screen(), token) {
		t.Errorf("the screen: %s", p.Screen())
	}
}
