package wire

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	router1 = netip.MustParseAddr("10.9.0.1")
	router2 = netip.MustParseAddr("10.9.0.2")
	group4  = netip.MustParseAddr("224.0.0.18")
	link1   = netip.MustParseAddr("fe80::1")
	group6  = netip.MustParseAddr("ff02::12")
)

// adverts are bytes beside what they mean. Those marked captured were seen on
// a link between two keepalived.
var adverts = []struct {
	name   string
	hex    string
	family config.Family
	form   ChecksumForm
	src    netip.Addr
	dst    netip.Addr
	want   Advert
}{
	{
		name: "version 2, captured", family: config.IPv4, form: ChecksumPlain, src: router1, dst: group4,
		hex: "2133 9601 0001 3e5d 0a090064 00000000 00000000",
		want: Advert{Version: 2, Type: 1, VRID: 51, Priority: 150, Count: 1, AuthType: config.AuthNone,
			Interval: 1, Checksum: 0x3e5d, Addresses: []byte{10, 9, 0, 100}},
	},
	{
		name: "version 3, captured", family: config.IPv4, form: ChecksumPseudo, src: router1, dst: group4,
		hex: "3107 7802 0014 5768 0a090065 0a090066",
		want: Advert{Version: 3, Type: 1, VRID: 7, Priority: 120, Count: 2,
			Interval: 20, Checksum: 0x5768, Addresses: []byte{10, 9, 0, 101, 10, 9, 0, 102}},
	},
	{
		name: "version 2 with password", family: config.IPv4, form: ChecksumPlain, src: router1, dst: group4,
		hex: "2133 9601 0101 0111 0a090064 7365637265740000",
		want: Advert{Version: 2, Type: 1, VRID: 51, Priority: 150, Count: 1, AuthType: config.AuthPass,
			Interval: 1, Checksum: 0x0111, Addresses: []byte{10, 9, 0, 100}, AuthData: [8]byte{'s', 'e', 'c', 'r', 'e', 't'}},
	},
	{
		name: "version 3 to a peer", family: config.IPv4, form: ChecksumPseudo, src: router1, dst: router2,
		hex: "3107 6401 0064 4b94 0a090065",
		want: Advert{Version: 3, Type: 1, VRID: 7, Priority: 100, Count: 1,
			Interval: 100, Checksum: 0x4b94, Addresses: []byte{10, 9, 0, 101}},
	},
	{
		name: "version 3 to a peer, old form with the group as destination", family: config.IPv4, form: ChecksumPseudo, src: router1, dst: group4,
		hex: "3107 6401 0064 758c 0a090065",
		want: Advert{Version: 3, Type: 1, VRID: 7, Priority: 100, Count: 1,
			Interval: 100, Checksum: 0x758c, Addresses: []byte{10, 9, 0, 101}},
	},
	{
		name: "version 3 without pseudo header (RFC 9568)", family: config.IPv4, form: ChecksumPlain, src: router1, dst: group4,
		hex: "3107 6401 0064 6025 0a090065",
		want: Advert{Version: 3, Type: 1, VRID: 7, Priority: 100, Count: 1,
			Interval: 100, Checksum: 0x6025, Addresses: []byte{10, 9, 0, 101}},
	},
	{
		name: "version 3 over IPv6", family: config.IPv6, form: ChecksumPseudo, src: link1, dst: group6,
		hex: "3109 6401 0064 6d58 fe800000000000000000000000000099",
		want: Advert{Version: 3, Type: 1, VRID: 9, Priority: 100, Count: 1, Interval: 100, Checksum: 0x6d58,
			Addresses: []byte{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}},
	},
}

func TestAdvertBytes(t *testing.T) {
	for _, tt := range adverts {
		t.Run(tt.name, func(t *testing.T) {
			b := unhex(t, tt.hex)
			var got Advert
			if d := got.Decode(b, tt.family); d != Accepted {
				t.Fatalf("Decode: %v", d)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Decode:\n got %+v\nwant %+v", got, tt.want)
			}
			if !ChecksumOK(b, tt.form, tt.src, tt.dst) {
				t.Error("checksum refused")
			}
			if enc := tt.want.Append(nil, tt.family); !bytes.Equal(enc, b) {
				t.Errorf("Append:\n got %x\nwant %x", enc, b)
			}
			enc := tt.want.Append(nil, tt.family)
			enc[6], enc[7] = 0xde, 0xad
			SetChecksum(enc, tt.form, tt.src, tt.dst)
			if !bytes.Equal(enc, b) {
				t.Errorf("SetChecksum:\n got %x\nwant %x", enc, b)
			}
			if n := Len(tt.want.Version, tt.family, int(tt.want.Count)); n != len(b) {
				t.Errorf("Len = %d, want %d", n, len(b))
			}
		})
	}
}

// TestChecksumBit flips every bit in turn: none may go unnoticed.
func TestChecksumBit(t *testing.T) {
	for _, tt := range adverts {
		b := unhex(t, tt.hex)
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				if ChecksumOK(b, tt.form, tt.src, tt.dst) {
					t.Errorf("%s: byte %d bit %d flipped, checksum still right", tt.name, i, bit)
				}
				b[i] ^= 1 << bit
			}
		}
		if tt.form == ChecksumPseudo && ChecksumOK(b, tt.form, tt.src.Next(), tt.dst) {
			t.Errorf("%s: right for another source", tt.name)
		}
	}
}

func TestUpperIntervalBitsIgnored(t *testing.T) {
	b := unhex(t, "3107 7802 f014 0000 0a090065 0a090066")
	var a Advert
	if d := a.Decode(b, config.IPv4); d != Accepted || a.Interval != 20 {
		t.Errorf("Decode: %v, interval %d; want accepted, 20", d, a.Interval)
	}
}

func TestDecodeTooShort(t *testing.T) {
	for _, tt := range adverts {
		b := unhex(t, tt.hex)
		for n := range b {
			var a Advert
			if d := a.Decode(b[:n], tt.family); d != DropTooShort {
				t.Errorf("%s cut to %d bytes: %v, want %v", tt.name, n, d, DropTooShort)
			}
		}
	}
}

func TestHas(t *testing.T) {
	v4 := Advert{Addresses: []byte{10, 9, 0, 101, 10, 9, 0, 102}}
	v6 := Advert{Addresses: unhex(t, "fe800000000000000000000000000099")}
	for _, tt := range []struct {
		a    *Advert
		addr string
		want bool
	}{
		{&v4, "10.9.0.101", true}, {&v4, "10.9.0.102", true}, {&v4, "10.9.0.103", false},
		{&v4, "9.0.101.10", false}, {&v4, "::ffff:10.9.0.102", true},
		{&v6, "fe80::99", true}, {&v6, "fe80::98", false},
	} {
		if got := tt.a.Has(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("Has(%s) = %v", tt.addr, got)
		}
	}
}

func TestMaxAddresses(t *testing.T) {
	for _, tt := range []struct {
		mtu     int
		version uint8
		family  config.Family
		extra   int
		want    int
	}{
		{1500, 3, config.IPv4, 0, 255},
		{1500, 3, config.IPv6, 0, 89},
		{1500, 3, config.IPv6, TrailerLen, 88},
		{576, 2, config.IPv4, 0, 131},
		{576, 2, config.IPv4, AHLen, 125},
		{20, 3, config.IPv4, 0, 0},
	} {
		if got := MaxAddresses(tt.mtu, tt.version, tt.family, tt.extra); got != tt.want {
			t.Errorf("MaxAddresses(%d, %d, %v, %d) = %d, want %d", tt.mtu, tt.version, tt.family, tt.extra, got, tt.want)
		}
	}
}

func TestDropNames(t *testing.T) {
	seen := map[string]Drop{}
	for d := Drop(0); int(d) < DropCount; d++ {
		name := d.String()
		if name == "" || name == "unknown" {
			t.Errorf("Drop %d has no name", d)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("Drop %d and %d are both %q", other, d, name)
		}
		seen[name] = d
	}
}

func FuzzAdvert(f *testing.F) {
	for _, tt := range adverts {
		f.Add(unhex(f, tt.hex), tt.family == config.IPv6)
	}
	f.Fuzz(func(t *testing.T, b []byte, v6 bool) {
		family := config.IPv4
		if v6 {
			family = config.IPv6
		}
		var first, second Advert
		if first.Decode(b, family) != Accepted {
			return
		}
		enc := first.Append(nil, family)
		if len(enc) != Len(first.Version, family, int(first.Count)) {
			t.Fatalf("encoded %d bytes, Len says otherwise", len(enc))
		}
		if d := second.Decode(enc, family); d != Accepted {
			t.Fatalf("own encoding refused: %v", d)
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("decode, encode, decode:\n%+v\n%+v", first, second)
		}
	})
}
