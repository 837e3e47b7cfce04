package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// untilInterrupted returns a context that ends with the first signal to stop. A
// signal that comes more than a second later ends the process. Within a second, it
// may be the same Ctrl-C: the terminal sends it, and so may the parent process.
func untilInterrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		first := time.Now()
		cancel()
		for range signals {
			if time.Since(first) > time.Second {
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx
}
