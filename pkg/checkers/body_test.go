package checkers

import (
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// pouring sends a header and then size bytes of body, from one buffer.
func pouring(t *testing.T, size int64) netip.AddrPort {
	return serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		block := make([]byte, 1<<20)
		for left := size; left > 0; left -= int64(len(block)) {
			if _, err := conn.Write(block[:min(left, int64(len(block)))]); err != nil {
				return
			}
		}
	})
}

// allocated runs f and returns how much memory it took in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHTTPLargeBody: ten gigabytes are read to their end in bounded memory.
func TestHTTPLargeBody(t *testing.T) {
	size := int64(10) << 30
	if testing.Short() {
		size = 1 << 28
	}
	check := webCheck(pouring(t, size), time.Minute, &config.HTTPURL{Path: "/", Regex: &config.HTTPRegex{Pattern: "^HTTP/1.1 200"}})
	var o health.Outcome
	begin := time.Now()
	memory := allocated(func() { o = run(t, check) })
	t.Logf("%d MB in %v, %d kB allocated", size>>20, time.Since(begin).Round(time.Millisecond), memory>>10)
	expect(t, o, health.Good, "")
	if o.Received != uint64(size) {
		t.Errorf("received %d of %d bytes", o.Received, size)
	}
	// The server's buffer, what a regex may see while it grew, and that as
	// characters.
	if limit := uint64(16 << 20); memory > limit {
		t.Errorf("allocated %d bytes, limit %d", memory, limit)
	}
}

// TestHTTPEndlessBody: a body without an end is cut at the check's limit, with
// or without a digest to compute.
func TestHTTPEndlessBody(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Millisecond
	for _, url := range []*config.HTTPURL{{Path: "/"}, {Path: "/", Digest: digestOf("x")}} {
		check := webCheck(pouring(t, 1<<50), timeout, url)
		begin := time.Now()
		o := run(t, check)
		took := time.Since(begin)
		if o.Verdict == health.Good || took < timeout || took > 2*patience*timeout {
			t.Errorf("%+v after %v, limit %v", o, took, patience*timeout)
		}
	}
}
