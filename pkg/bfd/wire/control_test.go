package wire

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// up is a packet of keepalived 2.2.7: the first one it sends in Up.
const up = "20e00418" + "c57d8057" + "d9487ab8" + "0000ea60" + "0000c350" + "00000000"

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBytes(t *testing.T) {
	for _, tt := range []struct {
		name, bytes string
		want        Control
	}{
		{"keepalived going up", up, Control{
			Version: 1, State: Up, Poll: true, DetectMult: 4, Length: 24,
			MyDiscr: 0xc57d8057, YourDiscr: 0xd9487ab8, DesiredMinTx: 60000, RequiredMinRx: 50000,
		}},
		{"down after expiry", "21400318" + "00000001" + "00000000" + "000f4240" + "00002710" + "00000000", Control{
			Version: 1, Diag: DiagExpired, State: Down, DetectMult: 3, Length: 24,
			MyDiscr: 1, DesiredMinTx: 1000000, RequiredMinRx: 10000,
		}},
		{"every other bit", "279b0118" + "00000001" + "00000002" + "00000003" + "00000004" + "00000005", Control{
			Version: 1, Diag: DiagAdminDown, State: Init, Final: true, ControlPlaneIndependent: true, Demand: true, Multipoint: true,
			DetectMult: 1, Length: 24, MyDiscr: 1, YourDiscr: 2, DesiredMinTx: 3, RequiredMinRx: 4, RequiredMinEchoRx: 5,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := unhex(t, tt.bytes)
			var p Control
			if d := p.Decode(b); d != Accepted && !tt.want.Multipoint {
				t.Errorf("refused: %v", d)
			}
			if p != tt.want {
				t.Errorf("decoded %+v\nwant    %+v", p, tt.want)
			}
			if got := tt.want.Append(nil); !bytes.Equal(got, b) {
				t.Errorf("encoded % x\nwant    % x", got, b)
			}
		})
	}
}

// RFC 5880 6.8.6: what is discarded without looking at a session.
func TestDrops(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(b []byte) []byte
		want   Drop
	}{
		{"as it is", func(b []byte) []byte { return b }, Accepted},
		{"padded", func(b []byte) []byte { return append(b, 1, 2, 3) }, Accepted},
		{"empty", func([]byte) []byte { return nil }, DropTooShort},
		{"cut", func(b []byte) []byte { return b[:23] }, DropTooShort},
		{"version 0", func(b []byte) []byte { b[0] = 0; return b }, DropVersion},
		{"version 2", func(b []byte) []byte { b[0] = 2 << 5; return b }, DropVersion},
		{"length 23", func(b []byte) []byte { b[3] = 23; return b }, DropLength},
		{"length beyond the end", func(b []byte) []byte { b[3] = 25; return b }, DropLength},
		{"multiplier 0", func(b []byte) []byte { b[2] = 0; return b }, DropMultiplier},
		{"multipoint", func(b []byte) []byte { b[1] |= 1; return b }, DropMultipoint},
		{"my discriminator 0", func(b []byte) []byte { clear(b[4:8]); return b }, DropMyDiscriminator},
		{"your discriminator 0 in Up", func(b []byte) []byte { clear(b[8:12]); return b }, DropNoDiscriminator},
		{"your discriminator 0 in Init", func(b []byte) []byte { clear(b[8:12]); b[1] = 2 << 6; return b }, DropNoDiscriminator},
		{"your discriminator 0 in Down", func(b []byte) []byte { clear(b[8:12]); b[1] = 1 << 6; return b }, Accepted},
		{"your discriminator 0 in AdminDown", func(b []byte) []byte { clear(b[8:12]); b[1] = 0; return b }, Accepted},
		{"poll and final", func(b []byte) []byte { b[1] |= 0x10; return b }, DropPollAndFinal},
		{"diagnostic 8", func(b []byte) []byte { b[0] |= 8; return b }, Accepted},
		{"diagnostic 9", func(b []byte) []byte { b[0] |= 9; return b }, DropDiagnostic},
		{"authentication", func(b []byte) []byte { b[1] |= 4; return b }, DropAuth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p Control
			if d := p.Decode(tt.change(unhex(t, up))); d != tt.want {
				t.Errorf("%v, want %v", d, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	if len(dropNames) != DropCount {
		t.Errorf("%d names of drops, want %d", len(dropNames), DropCount)
	}
	seen := map[string]bool{}
	for d := Drop(0); int(d) < DropCount; d++ {
		if s := d.String(); s == "" || s == "unknown" || seen[s] {
			t.Errorf("drop %d is %q", d, s)
		}
		seen[d.String()] = true
	}
	if Up.String() != "Up" || State(7).String() != "unknown" || Diag(9).String() != "unknown" || Drop(99).String() != "unknown" {
		t.Error("names of values that do not exist")
	}
	if s := DiagReverseConcatenatedPathDown.String(); s != "Reverse Concatenated Path Down" {
		t.Errorf("diagnostic 8 is %q", s)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, up))
	f.Add([]byte{0x20})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, q Control
		d := p.Decode(b)
		if d == DropTooShort {
			if len(b) >= Len {
				t.Fatal("too short?")
			}
			return
		}
		again := p.Append(nil)
		if len(again) != Len {
			t.Fatalf("%d bytes", len(again))
		}
		e := q.Decode(again)
		if d == Accepted && e != Accepted {
			t.Fatalf("accepted, then %v", e)
		}
		p.Length = Len
		if p != q {
			t.Fatalf("decoded %+v, again %+v", p, q)
		}
	})
}

func TestNoAllocation(t *testing.T) {
	b, out := unhex(t, up), make([]byte, 0, Len)
	var p Control
	if n := testing.AllocsPerRun(100, func() {
		p.Decode(b)
		out = p.Append(out[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
