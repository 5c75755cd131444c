//go:build linux

package mmsg

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// pair is two connected datagram sockets that never leave the machine.
func pair(t testing.TB) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Close(fds[0])
		unix.Close(fds[1])
	})
	return fds[0], fds[1]
}

func none(t testing.TB) func(int, unix.Errno) {
	return func(i int, errno unix.Errno) { t.Errorf("datagram %d: %v", i, errno) }
}

func TestSendReceive(t *testing.T) {
	a, b := pair(t)
	s, r := NewSender(4), NewReceiver(3, 8)
	for _, p := range []string{"one", "", "three", "a long datagram"} {
		if s.Full() {
			t.Fatal("full too early")
		}
		s.Add([]byte(p), nil, nil)
	}
	if !s.Full() || s.Len() != 4 {
		t.Errorf("%d datagrams in a sender for 4", s.Len())
	}
	s.Send(a, 0, none(t))
	if s.Len() != 0 {
		t.Error("not empty after Send")
	}
	var got []string
	for {
		n, err := r.Receive(b)
		if err == unix.EAGAIN {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			got = append(got, string(r.Data(i)))
		}
	}
	if want := []string{"one", "", "three", "a long d"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// A datagram that the kernel refuses does not hold up the others.
func TestSendSkipsFailures(t *testing.T) {
	a, b := pair(t)
	s, r := NewSender(3), NewReceiver(3, 8)
	nowhere := binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX)
	nowhere = append(nowhere, "/nonexistent/socket\x00"...)
	s.Add([]byte("first"), nil, nil)
	s.Add([]byte("lost"), nowhere, nil)
	s.Add([]byte("last"), nil, nil)
	var failed []int
	s.Send(a, 0, func(i int, errno unix.Errno) { failed = append(failed, i) })
	if !slices.Equal(failed, []int{1}) {
		t.Errorf("failed: %v", failed)
	}
	n, err := r.Receive(b)
	if err != nil || n != 2 || string(r.Data(0)) != "first" || string(r.Data(1)) != "last" {
		t.Errorf("%d datagrams, %v", n, err)
	}
}

func TestNamesAndControl(t *testing.T) {
	receive, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Skipf("needs IPv6: %v", err)
	}
	defer unix.Close(receive)
	if err := unix.Bind(receive, &unix.SockaddrInet6{Addr: [16]byte{15: 1}}); err != nil {
		t.Skipf("needs IPv6: %v", err)
	}
	if err := unix.SetsockoptInt(receive, unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(receive)
	if err != nil {
		t.Fatal(err)
	}
	send, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(send)

	// struct sockaddr_in6, and a control message that sets the hop limit.
	name := make([]byte, unix.SizeofSockaddrInet6)
	binary.NativeEndian.PutUint16(name, unix.AF_INET6)
	binary.BigEndian.PutUint16(name[2:], uint16(sa.(*unix.SockaddrInet6).Port))
	name[23] = 1
	control := make([]byte, unix.CmsgSpace(4))
	binary.NativeEndian.PutUint64(control, uint64(unix.CmsgLen(4)))
	binary.NativeEndian.PutUint32(control[8:], unix.IPPROTO_IPV6)
	binary.NativeEndian.PutUint32(control[12:], unix.IPV6_HOPLIMIT)
	binary.NativeEndian.PutUint32(control[16:], 77)
	s, r := NewSender(1), NewReceiver(2, 100)
	s.Add([]byte("x"), name, control)
	s.Send(send, 0, none(t))

	n, err := r.Receive(receive)
	if err != nil || n != 1 {
		t.Fatalf("%d datagrams, %v", n, err)
	}
	from := r.Name(0)
	if len(from) != unix.SizeofSockaddrInet6 || from[23] != 1 {
		t.Errorf("from % x", from)
	}
	messages, err := unix.ParseSocketControlMessage(r.Control(0))
	if err != nil || len(messages) != 1 || messages[0].Data[0] != 77 {
		t.Errorf("control %v, %v", messages, err)
	}
}

func TestNoAllocation(t *testing.T) {
	a, b := pair(t)
	s, r := NewSender(4), NewReceiver(4, 100)
	payload := []byte(strings.Repeat("x", 40))
	failed := 0
	count := func(int, unix.Errno) { failed++ }
	if n := testing.AllocsPerRun(100, func() {
		s.Add(payload, nil, nil)
		s.Add(payload, nil, nil)
		s.Send(a, 0, count)
		if n, err := r.Receive(b); n != 2 || err != nil {
			failed++
		}
		if _, err := r.Receive(b); err != unix.EAGAIN {
			failed++
		}
	}); n != 0 || failed != 0 {
		t.Errorf("%v allocations, %d failures", n, failed)
	}
}
