//go:build linux

package snmp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

const refusedConf = `global_defs {
	enable_snmp_rfc
	enable_traps
	snmp_socket unix:DIR/agentx
}

vrrp_instance V3 {
	interface v0
	version 3
	virtual_router_id 53
	advert_int 0.2
	virtual_ipaddress {
		10.1.0.103/24
	}
}

vrrp_instance V2 {
	interface v0
	virtual_router_id 52
	authentication {
		auth_type PASS
		auth_pass secret
	}
	virtual_ipaddress {
		10.1.0.102/24
	}
}
`

// refused are packets from the link, with the notification that each causes
// (RFC 2787, RFC 6527). One for a virtual router that is not here causes none,
// though RFC 6527 has the reason vrIdError: the object that would carry it
// belongs to a virtual router that is here, and other routers share the link.
var refused = []struct {
	name string
	// change makes a good advert for the instance bad.
	v3     bool
	ttl    int
	sum    byte
	change func(a *wire.Advert)
	trap   string
}{
	{name: "TTL", v3: true, ttl: 5, trap: protoError("53", 1)},
	{name: "version", v3: true, change: func(a *wire.Advert) { a.Version = 2 }, trap: protoError("53", 2)},
	{name: "checksum", v3: true, sum: 1, trap: protoError("53", 3)},
	{name: "other router", v3: true, change: func(a *wire.Advert) { a.VRID = 77 }},
	{name: "type", v3: true, change: func(a *wire.Advert) { a.Type = 2 }},
	{name: "version 2, TTL", ttl: 5, trap: protoError("52", 1)},
	{name: "version 2, version", change: func(a *wire.Advert) { a.Version = 3 }, trap: protoError("52", 2)},
	{name: "version 2, checksum", sum: 1, trap: protoError("52", 3)},
	{name: "unknown authentication", change: func(a *wire.Advert) { a.AuthType = 9 }, trap: authFailure(1)},
	{name: "no authentication", change: func(a *wire.Advert) { a.AuthType = config.AuthNone }, trap: authFailure(2)},
	{name: "password", change: func(a *wire.Advert) { a.AuthData[0] = 'x' }, trap: authFailure(3)},
}

func protoError(vrid string, reason int) string {
	return fmt.Sprintf("207.0.2; 207.1.2.5.1.6.IF.%s.1 = INTEGER: %d", vrid, reason)
}

func authFailure(kind int) string {
	return fmt.Sprintf("68.0.2; 68.1.5.IF.52 = IpAddress: 10.1.0.9; 68.1.6.IF.52 = INTEGER: %d", kind)
}

// TestRefusedPackets sends packets that must be refused to keepalived and to
// us: the receiver of notifications gets the same.
func TestRefusedPackets(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for name, program := range map[string]string{"theirs": theirs(t), "ours": ours(t)} {
		h := NewHost(t, "refused-"+name)
		// The packets come from the other end of the link, which is here too.
		for _, file := range []string{"all", "v0"} {
			h.Sysctl("ipv4/conf/"+file+"/accept_local", "1")
			h.Sysctl("ipv4/conf/"+file+"/rp_filter", "0")
		}
		h.AddAddress("v1", "10.1.0.9/24")
		h.StartDaemon(program, refusedConf)
		wait.Go(func() {
			nstest.Eventually(h.t, patience, "master", func() (bool, string) {
				return len(h.Traps(".1.3.6.1.2.1.207.0.1")) == 2, h.daemon.Output()
			})
			traps := func() []string {
				list := h.Traps(".1.3.6.1.2.1")
				for i := range list {
					// The namespace has interfaces of its own numbers.
					list[i] = strings.ReplaceAll(list[i], fmt.Sprintf(".%d.5", h.index("v0")), ".IF.5")
				}
				return list
			}
			for _, p := range refused {
				h.send(p.v3, p.ttl, p.sum, p.change)
				if p.trap != "" {
					nstest.Eventually(h.t, patience, p.name, func() (bool, string) {
						return slices.Contains(traps(), p.trap), strings.Join(traps(), "\n")
					})
				}
			}
			lines := traps()
			mu.Lock()
			got[name] = lines
			mu.Unlock()
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	if d := cmp.Diff(got["theirs"], got["ours"]); d != "" {
		t.Error("-keepalived +ours:\n" + d)
	}
	want := 3 // of new masters
	for _, p := range refused {
		if p.trap != "" {
			want++
		}
	}
	if len(got["ours"]) != want {
		t.Errorf("%d notifications, want %d:\n%s", len(got["ours"]), want, strings.Join(got["ours"], "\n"))
	}
}

// send sends an advert of low priority for V3 or V2 from v1.
func (h *Host) send(v3 bool, ttl int, sum byte, change func(a *wire.Advert)) {
	h.t.Helper()
	from, group := netip.MustParseAddr("10.1.0.9"), netip.MustParseAddr("224.0.0.18")
	a := wire.Advert{
		Version: 2, Type: 1, VRID: 52, Priority: 10, Count: 1, AuthType: config.AuthPass, Interval: 1,
		Addresses: []byte{10, 1, 0, 102}, AuthData: [wire.AuthDataLen]byte{'s', 'e', 'c', 'r', 'e', 't'},
	}
	if v3 {
		a = wire.Advert{Version: 3, Type: 1, VRID: 53, Priority: 10, Count: 1, Interval: 20, Addresses: []byte{10, 1, 0, 103}}
	}
	if change != nil {
		change(&a)
	}
	pdu := a.Append(nil, config.IPv4)
	form := wire.ChecksumPlain
	if a.Version == 3 {
		form = wire.ChecksumPseudo
	}
	wire.SetChecksum(pdu, form, from, group)
	pdu[7] ^= sum
	if ttl == 0 {
		ttl = 255
	}
	var err error
	h.Do(func() { err = sendFrom("v1", from, group, ttl, pdu) })
	if err != nil {
		h.t.Fatalf("send an advert: %v", err)
	}
}

func sendFrom(dev string, from, to netip.Addr, ttl int, pdu []byte) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 112)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: from.As4()}); err != nil {
		return err
	}
	if err := unix.BindToDevice(fd, dev); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, ttl); err != nil {
		return err
	}
	return unix.Sendto(fd, pdu, 0, &unix.SockaddrInet4{Addr: to.As4()})
}
