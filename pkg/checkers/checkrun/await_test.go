package checkrun

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// TestAwait: an engine without IPVS says so once, takes reloads, and starts when
// the kernel has it.
func TestAwait(t *testing.T) {
	missing := &ipvs.OpenError{Err: fmt.Errorf("%w: %w", ipvs.ErrNoIPVS, syscall.ENOENT)}
	const line = "IPVS: Can't initialize ipvs: No such file or directory - load the kernel module ip_vs, or leave the checkers out with -P"
	// A runner may catch signals, which must not begin in a bubble.
	scripts := script.NewRunner(script.RunnerOptions{})
	defer scripts.Close()
	for name, reloads := range map[string]bool{"by itself": false, "by a reload": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var waiting []string
				var present atomic.Pointer[ipvstest.Kernel]
				rec, ready, came := newRecorder(), 0, make(chan struct{})
				cfg := with(oneServer(nowhere))
				e := New(cfg, Options{
					Log: slog.New(rec), Await: true, Scripts: scripts,
					Ready: func() { ready++ },
					Waiting: func(reason string) {
						waiting = append(waiting, reason)
						if reason == "" {
							close(came)
						}
					},
					OpenKernel: func(*config.Global) (ipvs.Kernel, error) {
						if k := present.Load(); k != nil {
							return k, nil
						}
						return nil, missing
					},
				})
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- e.Run(ctx) }()
				time.Sleep(10 * awaitInterval)
				if err := e.Reload(cfg); err != nil {
					t.Error(err)
				}
				if err := e.SetWeight(cfg.VirtualServers[0].RealServers[0], 3); err == nil {
					t.Error("a weight was set without a table")
				}
				if s := e.SnapshotCounters(); s.Waiting != line || len(s.VirtualServers) > 0 {
					t.Errorf("snapshot: waiting %q, %d virtual servers", s.Waiting, len(s.VirtualServers))
				}
				if ready != 1 || len(waiting) != 1 || waiting[0] != line {
					t.Errorf("ready %d times, waiting for %q", ready, waiting)
				}
				synctest.Wait()
				kernel := ipvstest.New()
				present.Store(kernel)
				if reloads {
					if err := e.Reload(with(oneServer(nowhere))); err != nil {
						t.Error(err)
					}
				}
				// Virtual time stands still once the pool waits for sockets.
				<-came
				if s := e.Snapshot(); s.Waiting != "" || len(s.VirtualServers) != 1 {
					t.Errorf("snapshot: waiting %q, %d virtual servers", s.Waiting, len(s.VirtualServers))
				}
				if !e.call(func() {
					if n := kernel.Len(); n != 1 {
						t.Errorf("%d services", n)
					}
				}) {
					t.Error("the engine has ended")
				}
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if n := kernel.Len(); n != 0 || ready != 1 || len(waiting) != 2 || waiting[1] != "" {
					t.Errorf("%d services left, ready %d times, waiting for %q", n, ready, waiting)
				}
				text := strings.Join(rec.lines, "\n")
				if n := strings.Count(text, "| "+line+" - the virtual servers wait for it, everything else runs\n"); n != 1 || !strings.Contains(text, "| "+lineCame+"\n") {
					t.Errorf("log:\n%s", text)
				}
			})
		})
	}
}
