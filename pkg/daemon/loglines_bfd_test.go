package daemon

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// bfdStory is a session with itself, and one that has no address to send from,
// and an instance for each.
const bfdStory = `bfd_instance own {
	neighbor_ip 10.9.0.1
	source_ip 10.9.0.1
	min_tx 300
	min_rx 300
	idle_tx 1000
	multiplier 2
}
bfd_instance homeless {
	neighbor_ip 10.9.0.77
	source_ip 10.9.0.78
}
vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	priority 200
	advert_int 0.2
	track_bfd {
		own
	}
	virtual_ipaddress {
		10.9.0.100/24
	}
}
vrrp_instance VI_2 {
	version 3
	interface eth0
	virtual_router_id 52
	advert_int 0.2
	track_bfd {
		homeless weight 5 reverse
	}
	virtual_ipaddress {
		10.9.0.102/24
	}
}
`

// controlPacket is an acceptable packet of a neighbor (RFC 5880 4.1), changed.
func controlPacket(change func(b []byte)) []byte {
	b := make([]byte, 24)
	b[0], b[1], b[2], b[3] = 1<<5, 1<<6, 3, 24
	binary.BigEndian.PutUint32(b[4:], 5)
	binary.BigEndian.PutUint32(b[12:], 1e6)
	binary.BigEndian.PutUint32(b[16:], 1e6)
	change(b)
	return b
}

// badPackets are refused, each with the end of what is said about it.
var badPackets = []struct {
	packet []byte
	line   string
}{
	{[]byte("x"), "Packet is too small: 1 bytes"},
	{controlPacket(func(b []byte) { b[0] = 2 << 5 }), "Packet is of unsupported version: 2"},
	{controlPacket(func(b []byte) { b[3] = 20 }), "length field: 20 bytes, buffer size: 24 bytes"},
	{controlPacket(func(b []byte) { b[3] = 30 }), "length field: 30 bytes, buffer size: 24 bytes"},
	{controlPacket(func(b []byte) { b[2] = 0 }), "Packet 'detection multiplier' field is zero"},
	{controlPacket(func(b []byte) { b[1] |= 1 }), "Packet has 'multipoint' flag"},
	{controlPacket(func(b []byte) { b[1] |= 4 }), "(auth bit is set, but no authentication  is in use)"},
	{controlPacket(func(b []byte) { b[7] = 0 }), "Packet 'my discriminator' field is zero"},
	{controlPacket(func(b []byte) { b[1] = 3 << 6 }), "'state' field is not Down or AdminDown"},
	{controlPacket(func(b []byte) { b[1] |= 0x30 }), "Packet has both poll and final  flags set"},
	{controlPacket(func(b []byte) { b[0] |= 9 }), "Packet has invalid 'diag' field: 9"},
	{controlPacket(func(b []byte) { b[11] = 9 }), "your discriminator field is 0x00000009)"},
}

// TestBFDLogAgainstKeepalived tells a story of BFD to keepalived and to us:
// sessions that come up, that cannot start and that go down, and every packet
// that is refused. The lines are the same, and their priorities.
func TestBFDLogAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	var theirs, ours toldLog
	t.Run("stories", func(t *testing.T) {
		t.Run("keepalived", func(t *testing.T) {
			t.Parallel()
			theirs = tellBFD(t, "gkdmn-bfdl0", true)
		})
		t.Run("ours", func(t *testing.T) {
			t.Parallel()
			ours = tellBFD(t, "gkdmn-bfdl1", false)
		})
	})
	if theirs.lines == nil || ours.lines == nil {
		t.Skip("a story did not come to its end; see there")
	}
	compareLogs(t, "keepalived", theirs.lines, ours.lines, append(slices.Clone(theirVersion), []logDifference{
		{"(homeless) bind() error (Cannot assign requested address)", "ours is in the line that follows", false},
		{"(homeless) Unable to open output socket, disabling instance", "the reason and when it is tried again are added", false},
		{"Registering ", "how 2.2.7 is made inside", true},
		{"Assigned address ", "2.2.7 tells the addresses that are there at a start; we tell changes", true},
		{"(lo) MAC Address changed ", "of lo, which goes down", true},
	}...), true)
	compareLogs(t, "ours", ours.lines, theirs.lines, append(slices.Clone(ourVersion), []logDifference{
		{"(homeless) Unable to open output socket, disabling instance until it opens (cannot assign requested address)", "the reason and when it is tried again are added", false},
		{"(VI_1) FAULT: BFD session own down", "the reason of every change of state", false},
		{"(VI_1) BACKUP: no longer: BFD session own down", "the reason of every change of state", false},
		{"(VI_1) MASTER: ", "the reason of every change of state", false},
		{"(VI_2) MASTER: ", "the reason of every change of state", false},
	}...), true)
	compareLabels(t, theirs.labels, ours.labels)
}

// tellBFD runs the story.
func tellBFD(t *testing.T, name string, keepalived bool) toldLog {
	t.Helper()
	ns := newNetwork(t, name)
	r := newTrial(t, globals("max_auto_priority -1")+bfdStory)
	r.withSystemLog()
	if keepalived {
		r.program = "keepalived"
	}
	r.env = append(r.env, fakeVariable+"="+realEngines)
	ns.Do(func() { r.run("-D") })
	r.await("(own) Entering Up state")
	r.await("(homeless) Entering AdminDown state")
	r.await("(VI_1) Entering MASTER STATE")
	r.await("(VI_2) Entering MASTER STATE")
	var conn *net.UDPConn
	var err error
	ns.Do(func() {
		conn, err = net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(10, 9, 0, 1), Port: 50001}, &net.UDPAddr{IP: net.IPv4(10, 9, 0, 1), Port: 3784})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	setTTL(t, conn, 255)
	for _, bad := range badPackets {
		if _, err := conn.Write(bad.packet); err != nil {
			t.Fatal(err)
		}
		r.await(bad.line)
	}
	// It comes from the neighbor, but from too far away.
	setTTL(t, conn, 64)
	if _, err := conn.Write(controlPacket(func([]byte) {})); err != nil {
		t.Fatal(err)
	}
	r.await("Packet ttl(64) < 255 - discarding")
	ns.Down("lo")
	r.await("(own) Entering Down state (Local diagnostic - Control Detection Time Expired")
	r.await("(VI_1) Entering FAULT STATE")
	r.signal(syscall.SIGTERM)
	r.wait()
	told := r.toldLog()
	told.lines = slices.DeleteFunc(told.lines, func(l string) bool {
		return strings.Contains(l, "     ") // the tables of timers depend on the moment
	})
	return told
}

func setTTL(t *testing.T, conn *net.UDPConn, ttl int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TTL, ttl) })
	}
	if err != nil {
		t.Fatal(err)
	}
}
