package checkers

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// short is the timeout of checks that are to run into it, long that of checks
// that are not.
const (
	short = 150 * time.Millisecond
	long  = 20 * time.Second
)

// serve accepts connections and hands each to f; it returns the address.
func serve(t *testing.T, f func(net.Conn)) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				f(conn)
			}()
		}
	}()
	return netip.MustParseAddrPort(ln.Addr().String())
}

// serveUDP answers every datagram with what f makes of it; nil is no answer.
func serveUDP(t *testing.T, f func([]byte) [][]byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, answer := range f(append([]byte(nil), buf[:n]...)) {
				if _, err := conn.WriteTo(answer, from); err != nil {
					return
				}
			}
		}
	}()
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

// closedPort is an address that nobody listens on.
func closedPort(t *testing.T, network string) netip.AddrPort {
	t.Helper()
	if network == "udp" {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return netip.MustParseAddrPort(conn.LocalAddr().String())
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return netip.MustParseAddrPort(ln.Addr().String())
}

// fullBacklog is a listener that never accepts and whose queue is full:
// connections to it hang.
func fullBacklog(t *testing.T) netip.AddrPort {
	t.Helper()
	at := listenWithBacklog(t, 0)
	for range 4 {
		conn, err := net.DialTimeout("tcp", at.String(), 300*time.Millisecond)
		if err != nil {
			return at
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue does not fill up")
	return at
}

// silent reads everything and says nothing until the peer goes.
func silent(conn net.Conn) {
	buf := make([]byte, 1024)
	for {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

// reset ends a connection with RST.
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// readRequest reads up to the empty line.
func readRequest(conn net.Conn) string {
	in := bufio.NewReader(conn)
	var request strings.Builder
	for {
		line, err := in.ReadString('\n')
		request.WriteString(line)
		if err != nil || line == "\r\n" {
			return request.String()
		}
	}
}

func check(kind config.CheckerKind, to netip.AddrPort, timeout time.Duration) *config.Checker {
	return &config.Checker{Kind: kind, Destination: to, ConnectTimeout: timeout}
}

func run(t *testing.T, c *config.Checker) health.Outcome {
	t.Helper()
	target := &Target{Checker: c}
	t.Cleanup(target.Close)
	return target.Run(context.Background())
}

// expect compares an outcome with the verdict and text that are wanted.
func expect(t *testing.T, o health.Outcome, v health.Verdict, text string) {
	t.Helper()
	if o.Verdict != v || v != health.Good && o.Text != text {
		t.Errorf("verdict %d %q, want %d %q", o.Verdict, o.Text, v, text)
	}
}
