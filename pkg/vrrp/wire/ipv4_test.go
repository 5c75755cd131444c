package wire

import (
	"bytes"
	"testing"
)

func TestIPv4Bytes(t *testing.T) {
	want := unhex(t, "45c0 0040 0001 0000 ff33 d0ad 0a090001 e0000012")
	h := IPv4{HeaderLen: 20, TotalLen: 64, ID: 1, TTL: 255, Protocol: ProtocolAH, Source: router1, Destination: group4}
	if got := h.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("Append:\n got %x\nwant %x", got, want)
	}
	var got IPv4
	if !got.Decode(want) || got != h {
		t.Errorf("Decode: %+v, want %+v", got, h)
	}
}

func TestIPv4Refused(t *testing.T) {
	good := unhex(t, "45c0 0040 0001 0000 ff33 d0ad 0a090001 e0000012")
	var h IPv4
	for n := range good {
		if h.Decode(good[:n]) {
			t.Errorf("%d bytes accepted", n)
		}
	}
	for _, first := range []byte{0x40, 0x44, 0x46, 0x4f} {
		b := append([]byte{first}, good[1:]...)
		if h.Decode(b) {
			t.Errorf("first byte %#x accepted with 20 bytes", first)
		}
	}
	if !h.Decode(append([]byte{0x46}, append(good[1:], 0, 0, 0, 0)...)) || h.HeaderLen != 24 {
		t.Error("header with options refused")
	}
}

func FuzzIPv4(f *testing.F) {
	f.Add(unhex(f, "45c0 0040 0001 0000 ff33 d0ad 0a090001 e0000012"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var first, second IPv4
		if !first.Decode(b) {
			return
		}
		enc := first.Append(nil)
		if !second.Decode(enc) {
			t.Fatal("own encoding refused")
		}
		second.HeaderLen = first.HeaderLen
		if first != second {
			t.Fatalf("%+v\n%+v", first, second)
		}
	})
}
