//go:build linux

package nstest

import (
	"encoding/binary"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Frame is one captured frame, with its link layer header.
type Frame struct {
	// Time is when the kernel saw the frame.
	Time time.Time
	// Out is true for frames that the namespace itself sent.
	Out  bool
	Data []byte
}

// EtherType is the protocol of an Ethernet frame, 0 if it is too short.
func (f Frame) EtherType() uint16 {
	if len(f.Data) < 14 {
		return 0
	}
	return binary.BigEndian.Uint16(f.Data[12:14])
}

// IPv4 returns the IPv4 packet in an Ethernet frame, without padding.
func (f Frame) IPv4() ([]byte, bool) {
	if f.EtherType() != unix.ETH_P_IP || len(f.Data) < 34 {
		return nil, false
	}
	p := f.Data[14:]
	if n := int(binary.BigEndian.Uint16(p[2:4])); n >= 20 && n <= len(p) {
		p = p[:n]
	}
	return p, true
}

// IPv6 returns the IPv6 packet in an Ethernet frame, without padding.
func (f Frame) IPv6() ([]byte, bool) {
	if f.EtherType() != unix.ETH_P_IPV6 || len(f.Data) < 54 {
		return nil, false
	}
	p := f.Data[14:]
	if n := 40 + int(binary.BigEndian.Uint16(p[4:6])); n <= len(p) {
		p = p[:n]
	}
	return p, true
}

// Capture records the frames of one interface from when it is started until
// the test ends.
type Capture struct {
	t    testing.TB
	file *os.File

	mu     sync.Mutex
	frames []Frame
	more   chan struct{} // closed and replaced when a frame arrives
}

// Capture starts to record every frame that the interface sends or receives.
func (n *NS) Capture(dev string) *Capture {
	n.t.Helper()
	c := &Capture{t: n.t, more: make(chan struct{})}
	index := n.Link(dev).Attrs().Index
	n.Do(func() {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			n.t.Fatalf("capture on %s: %v", dev, err)
		}
		c.file = os.NewFile(uintptr(fd), "capture "+dev)
		all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
		for _, err := range []error{
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
			unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
				&unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}),
			unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}),
		} {
			if err != nil {
				c.file.Close()
				n.t.Fatalf("capture on %s: %v", dev, err)
			}
		}
	})
	var done sync.WaitGroup
	done.Go(c.read)
	n.t.Cleanup(func() {
		c.file.Close()
		done.Wait()
	})
	return c
}

func (c *Capture) read() {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 65536)
	oob := make([]byte, 256)
	for {
		var size, oobSize int
		var from unix.Sockaddr
		var recvErr error
		err := raw.Read(func(fd uintptr) bool {
			size, oobSize, _, from, recvErr = unix.Recvmsg(int(fd), buf, oob, 0)
			return recvErr != unix.EAGAIN
		})
		if err != nil {
			return // closed
		}
		if recvErr != nil {
			continue // the interface went down or away
		}
		frame := Frame{Time: kernelTime(oob[:oobSize]), Data: append([]byte(nil), buf[:size]...)}
		if ll, ok := from.(*unix.SockaddrLinklayer); ok {
			frame.Out = ll.Pkttype == unix.PACKET_OUTGOING
		}
		c.mu.Lock()
		c.frames = append(c.frames, frame)
		close(c.more)
		c.more = make(chan struct{})
		c.mu.Unlock()
	}
}

// kernelTime reads the SCM_TIMESTAMPNS control message.
func kernelTime(oob []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Now()
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			sec := binary.NativeEndian.Uint64(m.Data[:8])
			nsec := binary.NativeEndian.Uint64(m.Data[8:16])
			return time.Unix(int64(sec), int64(nsec))
		}
	}
	return time.Now()
}

// Frames returns what was captured so far.
func (c *Capture) Frames() []Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Frame(nil), c.frames...)
}

// Wait returns the first frame from position from on that match accepts, with
// the position after it, and fails the test when none arrives in time.
func (c *Capture) Wait(from int, within time.Duration, what string, match func(Frame) bool) (Frame, int) {
	c.t.Helper()
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for next := from; ; {
		c.mu.Lock()
		fresh, more := c.frames[min(next, len(c.frames)):], c.more
		c.mu.Unlock()
		for i, f := range fresh {
			if match(f) {
				return f, next + i + 1
			}
		}
		next += len(fresh)
		select {
		case <-more:
		case <-timeout.C:
			c.t.Fatalf("%s: not captured within %v (%d frames seen)", what, within, next-from)
		}
	}
}
