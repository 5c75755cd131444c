package wire

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// The packets of this file were computed with Python's hmac module from the
// description of the formats, not with this package.

var ahPackets = []struct {
	name      string
	hex       string
	sequence  uint32
	multicast bool
}{
	{"multicast", "45c0004000010000ff33d0ad0a090001e0000012 700400000a09000100000001d4318abc8c5737b9a512df80 2133960102013c5d0a0900640000000000000000", 1, true},
	{"unicast", "45c0004000090000403365ae0a0900010a090002 700400000a09000100000007dc264deb9a3b702a33e5760d 2133960102013c5d0a0900640000000000000000", 7, false},
}

func TestAH(t *testing.T) {
	a := NewAH([8]byte{'a', 'b', 'c', 'd'})
	for _, tt := range ahPackets {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.hex)
			got := bytes.Clone(want)
			clear(got[IPv4Len : IPv4Len+AHLen])
			a.Sign(got, tt.sequence, tt.multicast)
			if !bytes.Equal(got, want) {
				t.Errorf("Sign:\n got %x\nwant %x", got, want)
			}
			if d := a.Check(want, IPv4Len, tt.multicast); d != Accepted {
				t.Errorf("Check: %v", d)
			}
			if s := AHSequence(want[IPv4Len:]); s != tt.sequence {
				t.Errorf("sequence %d, want %d", s, tt.sequence)
			}
			if d := NewAH([8]byte{'a', 'b', 'c', 'e'}).Check(want, IPv4Len, tt.multicast); d != DropAHDigest {
				t.Errorf("other password: %v", d)
			}
			// A router may change these on the way.
			changed := bytes.Clone(want)
			changed[1], changed[6], changed[10] = 0, 0x40, 0xff
			if !tt.multicast {
				changed[8]--
			}
			if d := a.Check(changed, IPv4Len, tt.multicast); d != Accepted {
				t.Errorf("mutable fields changed: %v", d)
			}
			changed[len(changed)-9] ^= 1
			if d := a.Check(changed, IPv4Len, tt.multicast); d != DropAHDigest {
				t.Errorf("address changed: %v", d)
			}
		})
	}
	// A right signature over a wrong SPI.
	p := unhex(t, ahPackets[0].hex)
	p[IPv4Len+4] ^= 1
	copy(p[IPv4Len+ahICV:], a.icv(p[:IPv4Len], p[IPv4Len:IPv4Len+AHLen], p[IPv4Len+AHLen:], true))
	if d := a.Check(p, IPv4Len, true); d != DropAHSPI {
		t.Errorf("wrong SPI: %v", d)
	}
}

func TestPassword(t *testing.T) {
	ours := [8]byte{'s', 'e', 'c', 'r', 'e', 't'}
	theirs := ours
	if !PasswordOK(&ours, &theirs) {
		t.Error("equal passwords refused")
	}
	for i := range theirs {
		theirs[i] ^= 1
		if PasswordOK(&ours, &theirs) {
			t.Errorf("byte %d differs, accepted", i)
		}
		theirs[i] ^= 1
	}
}

const (
	trailerV4 = "3107780200145768 0a0900650a090066 0105000067890abc80000000 4ff385eb60b56955dbea0f6b6da3001a"
	trailerV6 = "3109640100649744 fe800000000000000000000000000099 0105000067890abc80000001 1c9b0a6830b9cd0e0d3d9b4c6c2da929"
)

// signed is the time inside the two packets.
var signed = time.Unix(0x67890abc, 500_000_000)

func hmacKeys() *config.AuthHMAC {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i + 1)
	}
	return &config.AuthHMAC{
		Keys:      map[uint8][]byte{5: key, 6: bytes.Repeat([]byte{'x'}, 64)},
		ActiveKey: 5, TimeWindow: 5 * time.Second,
	}
}

func TestHMACBytes(t *testing.T) {
	h := NewHMAC(hmacKeys(), 1)
	for _, tt := range []struct {
		name, hex string
		src       netip.Addr
	}{{"IPv4", trailerV4, router1}, {"IPv6", trailerV6, link1}} {
		want := unhex(t, tt.hex)
		got := bytes.Clone(want)
		clear(got[len(got)-TrailerLen:])
		h.Sign(signed, tt.src, got) // second packet, same time: counter 1
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %x\nwant %x", tt.name, got, want)
		}
		if v := NewHMAC(hmacKeys(), 1).Verify(signed, tt.src, want); v.Drop != Accepted || v.Key != 5 || v.Skew != 0 {
			t.Errorf("%s: %+v", tt.name, v)
		}
		if tt.src == link1 && !ChecksumOK(want, ChecksumPseudo, link1, group6) {
			t.Error("IPv6 checksum does not cover the trailer")
		}
	}
}

func TestHMACVerdicts(t *testing.T) {
	change := func(i int, x byte) func([]byte) {
		return func(b []byte) { b[16+i] ^= x }
	}
	for _, tt := range []struct {
		name   string
		change func([]byte)
		src    netip.Addr
		now    time.Time
		want   Drop
		skew   time.Duration
	}{
		{name: "good", want: Accepted},
		{name: "checksum is not signed", change: func(b []byte) { b[6] ^= 0xff }, want: Accepted},
		{name: "type", change: change(0, 2), want: DropTrailerMalformed},
		{name: "reserved", change: change(3, 1), want: DropTrailerMalformed},
		{name: "unknown key", change: change(1, 0xf), want: DropTrailerUnknownKey},
		{name: "other key", change: change(1, 3), want: DropTrailerHMAC},
		{name: "digest", change: change(27, 1), want: DropTrailerHMAC},
		{name: "counter", change: change(11, 1), want: DropTrailerHMAC},
		{name: "priority", change: func(b []byte) { b[2]++ }, want: DropTrailerHMAC},
		{name: "address", change: func(b []byte) { b[15]++ }, want: DropTrailerHMAC},
		{name: "other source", src: router2, want: DropTrailerHMAC},
		{name: "5 s late", now: signed.Add(5 * time.Second), want: Accepted, skew: 5 * time.Second},
		{name: "6 s late", now: signed.Add(6 * time.Second), want: DropTrailerStale, skew: 6 * time.Second},
		{name: "6 s early", now: signed.Add(-6 * time.Second), want: DropTrailerStale, skew: 6 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := unhex(t, trailerV4)
			if tt.change != nil {
				tt.change(b)
			}
			src, now := tt.src, tt.now
			if !src.IsValid() {
				src = router1
			}
			if now.IsZero() {
				now = signed
			}
			if v := NewHMAC(hmacKeys(), 1).Verify(now, src, b); v.Drop != tt.want || v.Skew != tt.skew {
				t.Errorf("%v, skew %v; want %v, %v", v.Drop, v.Skew, tt.want, tt.skew)
			}
		})
	}
}

func TestHMACReplay(t *testing.T) {
	send, recv := NewHMAC(hmacKeys(), 1), NewHMAC(hmacKeys(), 2)
	make1 := func(now time.Time) []byte {
		b := append(unhex(t, "3107780200145768 0a0900650a090066"), make([]byte, TrailerLen)...)
		send.Sign(now, router1, b)
		return b
	}
	check := func(name string, now time.Time, src netip.Addr, b []byte, want Drop) {
		t.Helper()
		if v := recv.Verify(now, src, b); v.Drop != want {
			t.Errorf("%s: %v, want %v", name, v.Drop, want)
		}
	}
	first := make1(signed)
	second := make1(signed)
	third := make1(signed.Add(time.Second))
	check("first", signed, router1, first, Accepted)
	check("again", signed, router1, first, DropTrailerReplay)
	check("counter moved", signed, router1, second, Accepted)
	check("later", signed.Add(time.Second), router1, third, Accepted)
	check("out of order", signed.Add(time.Second), router1, second, DropTrailerReplay)

	// The sender's clock is set back by an hour: it starts afresh, and so
	// does the receiver once its own clock agrees.
	back := signed.Add(-time.Hour)
	set := make1(back)
	check("clock set back", back, router1, set, Accepted)

	// A new engine after a reload remembers.
	next := NewHMAC(hmacKeys(), 2)
	next.Adopt(recv)
	recv = next
	check("after reload", back, router1, set, DropTrailerReplay)
}

// TestHMACClockSetBackALittle stays inside the window: the sequence goes on
// from the last one, in both modes.
func TestHMACClockSetBackALittle(t *testing.T) {
	for _, mono := range []bool{false, true} {
		cfg := hmacKeys()
		cfg.Monotonic = mono
		h := NewHMAC(cfg, 1)
		a := h.next(signed)
		if b := h.next(signed.Add(-3 * time.Second)); b != a+1 {
			t.Errorf("monotonic %v: %#x after %#x, want one more", mono, b, a)
		}
		b := h.next(signed.Add(-time.Hour))
		if mono && b != a+2 {
			t.Errorf("monotonic: %#x after an hour back, want %#x", b, a+2)
		}
		if !mono && b != clock(signed.Add(-time.Hour)) {
			t.Errorf("time: %#x after an hour back, want the clock", b)
		}
	}
}

func TestHMACSourcesAreBounded(t *testing.T) {
	cfg := hmacKeys()
	recv := NewHMAC(cfg, MulticastSources)
	packets := map[netip.Addr][]byte{}
	src := router1
	for range MulticastSources + 1 {
		b := append(unhex(t, "3107780200145768 0a0900650a090066"), make([]byte, TrailerLen)...)
		NewHMAC(cfg, 1).Sign(signed, src, b)
		packets[src] = b
		if v := recv.Verify(signed, src, b); v.Drop != Accepted {
			t.Fatalf("%v: %v", src, v.Drop)
		}
		src = src.Next()
	}
	if len(recv.marks) != MulticastSources {
		t.Errorf("%d sources remembered", len(recv.marks))
	}
	// The second is still known, the first was the oldest and is forgotten.
	if v := recv.Verify(signed, router2, packets[router2]); v.Drop != DropTrailerReplay {
		t.Errorf("second source: %v", v.Drop)
	}
	if v := recv.Verify(signed, router1, packets[router1]); v.Drop != Accepted {
		t.Errorf("first source: %v", v.Drop)
	}
}

// TestHMACAfter2038 checks the order of sequences across the wrap of signed
// 32 bit seconds, and of unsigned ones.
func TestHMACAfter2038(t *testing.T) {
	for _, base := range []int64{1<<31 - 1, 1<<32 - 1} {
		cfg := hmacKeys()
		send, recv := NewHMAC(cfg, 1), NewHMAC(cfg, 1)
		for i := range int64(4) {
			now := time.Unix(base+i, 0)
			b := append(unhex(t, "3107780200145768 0a0900650a090066"), make([]byte, TrailerLen)...)
			send.Sign(now, router1, b)
			if v := recv.Verify(now, router1, b); v.Drop != Accepted || v.Skew != 0 {
				t.Errorf("%d+%d: %+v", base, i, v)
			}
		}
	}
}

func TestAuthAllocatesNothing(t *testing.T) {
	h := NewHMAC(hmacKeys(), 1)
	a := NewAH([8]byte{'a'})
	b := unhex(t, trailerV4)
	p := unhex(t, ahPackets[0].hex)
	now := signed
	if n := testing.AllocsPerRun(100, func() {
		now = now.Add(time.Second)
		h.Sign(now, router1, b)
		if v := h.Verify(now, router1, b); v.Drop != Accepted {
			t.Fatal(v.Drop)
		}
		a.Sign(p, 5, true)
		if d := a.Check(p, IPv4Len, true); d != Accepted {
			t.Fatal(d)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzHMAC(f *testing.F) {
	f.Add(unhex(f, trailerV4))
	f.Add(unhex(f, trailerV6))
	h := NewHMAC(hmacKeys(), 1)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < HeaderLen+TrailerLen {
			return
		}
		h.Verify(signed, router1, b)
	})
}
