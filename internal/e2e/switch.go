package e2e

import (
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Frame is one Ethernet frame as it entered the switch.
type Frame struct {
	Time time.Time
	// From is the name of the host that sent it.
	From string
	Data []byte
}

// Switch is a bridge in a namespace of its own; it keeps every frame.
type Switch struct {
	t    testing.TB
	host *Host

	mu     sync.Mutex
	frames []Frame
	ports  map[int]string // interface index to host name
}

// NewSwitch makes a bridge and starts capturing.
func NewSwitch(t testing.TB, name string) *Switch {
	t.Helper()
	s := &Switch{t: t, host: NewHost(t, name), ports: map[int]string{}}
	s.host.Run("ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
	s.host.Run("ip", "link", "set", "br0", "up")
	s.capture()
	return s
}

// Connect plugs a host in as interface ifname, with a MAC made of n so that
// every run of a lab has the same, and the given addresses.
func (s *Switch) Connect(h *Host, ifname string, n int, addrs ...string) {
	s.t.Helper()
	port := fmt.Sprintf("p%d", n)
	pid := strconv.Itoa(h.PID())
	s.host.Run("ip", "link", "add", port, "type", "veth", "peer", "name", "far"+port)
	// The far end travels by the descriptor of the other namespace.
	s.nsCommand(h, "far"+port, pid)
	s.host.Run("ip", "link", "set", port, "master", "br0")
	s.host.Run("ip", "link", "set", port, "up")
	h.Run("ip", "link", "set", "far"+port, "name", ifname, "address", fmt.Sprintf("02:00:00:00:00:%02x", n))
	// No router solicitations or delayed link-local addresses in captures.
	h.Try("sysctl", "-qw", "net.ipv6.conf."+ifname+".accept_dad=0")
	h.Run("ip", "link", "set", ifname, "up")
	for _, a := range addrs {
		h.Run("ip", "addr", "add", a, "dev", ifname)
	}
	idx := 0
	fmt.Sscan(s.host.Run("cat", "/sys/class/net/"+port+"/ifindex"), &idx)
	s.mu.Lock()
	s.ports[idx] = h.Name
	s.mu.Unlock()
}

// nsCommand moves an interface of the switch into the host's network.
func (s *Switch) nsCommand(h *Host, link, pid string) {
	s.t.Helper()
	// PIDs inside the switch's PID namespace are not ours, so only the
	// network namespace is entered.
	cmd := exec.Command("nsenter", "-t", strconv.Itoa(s.host.PID()), "-n", "--", "ip", "link", "set", link, "netns", pid)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("move %s to %s: %v\n%s", link, h.Name, err, out)
	}
}

// capture opens a packet socket in the switch's namespace and reads it until
// the test ends.
func (s *Switch) capture() {
	fd := -1
	err := s.host.inNetwork(func() (err error) {
		fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(htons(unix.ETH_P_ALL)))
		return err
	})
	if err != nil {
		s.t.Fatalf("capture: %v", err)
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	tv := unix.NsecToTimeval(int64(200 * time.Millisecond))
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		buf, oob := make([]byte, 65536), make([]byte, 256)
		for {
			select {
			case <-stop:
				return
			default:
			}
			n, oobn, _, from, err := unix.Recvmsg(fd, buf, oob, 0)
			if err != nil {
				continue
			}
			ll, ok := from.(*unix.SockaddrLinklayer)
			if !ok || ll.Pkttype == unix.PACKET_OUTGOING {
				continue
			}
			s.mu.Lock()
			if host, ok := s.ports[ll.Ifindex]; ok {
				s.frames = append(s.frames, Frame{Time: kernelTime(oob[:oobn]), From: host, Data: append([]byte(nil), buf[:n]...)})
			}
			s.mu.Unlock()
		}
	}()
	s.t.Cleanup(func() { close(stop); <-stopped; unix.Close(fd) })
}

// Frames returns what entered the switch at or after since, for which keep
// says yes.
func (s *Switch) Frames(since time.Time, keep func(Frame) bool) []Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Frame
	for _, f := range s.frames {
		if !f.Time.Before(since) && keep(f) {
			out = append(out, f)
		}
	}
	return out
}

// kernelTime reads SO_TIMESTAMPNS.
func kernelTime(oob []byte) time.Time {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err == nil {
		for _, m := range msgs {
			if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
				sec := int64(nativeUint64(m.Data[0:8]))
				nsec := int64(nativeUint64(m.Data[8:16]))
				return time.Unix(sec, nsec)
			}
		}
	}
	return time.Now()
}
