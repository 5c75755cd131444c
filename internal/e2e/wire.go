package e2e

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func htons(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

func nativeUint64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }

// payload returns the EtherType and what follows it.
func (f Frame) payload() (uint16, []byte) {
	if len(f.Data) < 14 {
		return 0, nil
	}
	return binary.BigEndian.Uint16(f.Data[12:14]), f.Data[14:]
}

// IsAdvert reports whether the frame carries VRRP over IPv4 or IPv6.
func (f Frame) IsAdvert() bool {
	typ, p := f.payload()
	switch {
	case typ == 0x0800 && len(p) >= 20:
		return p[9] == 112 || p[9] == 51
	case typ == 0x86dd && len(p) >= 40:
		return p[6] == 112
	}
	return false
}

// IsGARP reports whether the frame is a gratuitous ARP: a request (not the
// kernel's answer to somebody else's) whose sender and target protocol address
// are the same (RFC 5227 3).
func (f Frame) IsGARP() bool {
	typ, p := f.payload()
	return typ == 0x0806 && len(p) >= 28 && p[7] == 1 && string(p[14:18]) == string(p[24:28])
}

// GARPAddress is the address that a gratuitous ARP announces.
func (f Frame) GARPAddress() netip.Addr {
	_, p := f.payload()
	a, _ := netip.AddrFromSlice(p[14:18])
	return a
}

// Priority is the priority field of an IPv4 advert without AH.
func (f Frame) Priority() int {
	_, p := f.payload()
	ihl := int(p[0]&15) * 4
	return int(p[ihl+2])
}

// Masked is the frame in hex with the IPv4 id and header checksum, which
// count packets, zeroed.
func (f Frame) Masked() string {
	d := append([]byte(nil), f.Data...)
	if typ, p := (Frame{Data: d}).payload(); typ == 0x0800 && len(p) >= 20 {
		p[4], p[5], p[10], p[11] = 0, 0, 0, 0
	}
	return fmt.Sprintf("%s > %s %s", net.HardwareAddr(d[6:12]), net.HardwareAddr(d[0:6]), hex.EncodeToString(d[12:]))
}

// waitFor polls cond until it holds, at most for two checks of a server with
// the default delay_loop of a minute.
func waitFor(t testing.TB, what string, cond func() bool) {
	t.Helper()
	const patience = 130 * time.Second
	deadline := time.Now().Add(patience)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", patience, what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// lines splits text into trimmed non-empty lines.
func lines(text string) []string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
