package agentx

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cases are PDUs beside their bytes, written out by hand from RFC 2741 6.2.
var cases = []struct {
	name, bytes string
	pdu         PDU
}{
	{
		"open", `01 01 10 00  00 00 00 00  00 00 00 00  00 00 00 01  00 00 00 20
			05 00 00 00  02 04 00 00  00 00 25 72  00 00 00 64  00 00 00 0a 4b 65 65 70 61 6c 69 76 65 64 00 00`,
		PDU{Type: TypeOpen, Flags: FlagNetworkByteOrder, PacketID: 1, Timeout: 5, OID: OID{1, 3, 6, 1, 4, 9586, 100}, Description: "Keepalived"},
	},
	{
		"close", `01 02 10 00  00 00 00 07  00 00 00 00  00 00 00 02  00 00 00 04  05 00 00 00`,
		PDU{Type: TypeClose, Flags: FlagNetworkByteOrder, SessionID: 7, PacketID: 2, Reason: ReasonShutdown},
	},
	{
		"register", `01 03 10 00  00 00 00 07  00 00 00 00  00 00 00 03  00 00 00 10
			00 7f 00 00  02 02 00 00  00 00 00 01  00 00 00 44`,
		PDU{Type: TypeRegister, Flags: FlagNetworkByteOrder, SessionID: 7, PacketID: 3, Priority: 127, OID: OID{1, 3, 6, 1, 2, 1, 68}},
	},
	{
		"get-next in little endian order", `01 06 00 00  07 00 00 00  09 00 00 00  04 00 00 00  14 00 00 00
			01 02 01 00  01 00 00 00  02 02 00 00  01 00 00 00  44 00 00 00`,
		PDU{
			Type: TypeGetNext, SessionID: 7, TransactionID: 9, PacketID: 4,
			Ranges: []Range{{Start: OID{1, 3, 6, 1, 2, 1}, Include: true, End: OID{1, 3, 6, 1, 2, 1, 68}}},
		},
	},
	{
		"get-bulk", `01 07 10 00  00 00 00 07  00 00 00 09  00 00 00 05  00 00 00 10
			00 01 00 0a  01 00 00 00  00 00 00 01  00 00 00 00`,
		PDU{
			Type: TypeGetBulk, Flags: FlagNetworkByteOrder, SessionID: 7, TransactionID: 9, PacketID: 5, NonRepeaters: 1, MaxRepetitions: 10,
			Ranges: []Range{{Start: OID{1}}},
		},
	},
	{
		"test-set with a context", `01 08 18 00  00 00 00 07  00 00 00 09  00 00 00 06  00 00 00 18
			00 00 00 01 78 00 00 00  00 02 00 00  01 00 00 00  00 00 00 02  ff ff ff ff`,
		PDU{
			Type: TypeTestSet, Flags: FlagNetworkByteOrder | FlagNonDefaultContext, SessionID: 7, TransactionID: 9, PacketID: 6, Context: []byte("x"),
			VarBinds: []VarBind{{Name: OID{2}, Value: Integer(-1)}},
		},
	},
	{
		"response", `01 12 10 00  00 00 00 07  00 00 00 09  00 00 00 06  00 00 00 2c
			00 00 00 64  00 0a 00 01  00 46 00 00  01 00 00 00  00 00 00 03  01 02 03 04 05 06 07 08
			00 40 00 00  00 00 00 00  00 00 00 04 0a 01 00 64`,
		PDU{
			Type: TypeResponse, Flags: FlagNetworkByteOrder, SessionID: 7, TransactionID: 9, PacketID: 6, SysUpTime: 100, Error: WrongValue, Index: 1,
			VarBinds: []VarBind{
				{Name: OID{3}, Value: Counter64(0x0102030405060708)},
				{Value: IPAddress(netip.MustParseAddr("10.1.0.100"))},
			},
		},
	},
}

func parseBytes(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCodec(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := parseBytes(t, c.bytes)
			got, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&c.pdu, got); d != "" {
				t.Error("decoded, -want +got:\n" + d)
			}
			if c.pdu.Flags&FlagNetworkByteOrder != 0 {
				if d := cmp.Diff(hex.Dump(b), hex.Dump(c.pdu.Append(nil))); d != "" {
					t.Error("encoded, -want +got:\n" + d)
				}
			}
			for n := range b {
				if _, err := Decode(b[:n]); err == nil {
					t.Errorf("the first %d bytes of %d pass", n, len(b))
				}
			}
			if _, err := Decode(append(b, 0)); err == nil {
				t.Error("one byte more passes")
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		bytes string
		want  error
	}{
		"version":     {`02 0d 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`, errVersion},
		"type":        {`01 0e 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`, errType},
		"length":      {`01 0d 10 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff fc`, errLong},
		"odd length":  {`01 0d 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00`, errPadding},
		"rest":        {`01 0d 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 00 00 00`, errRest},
		"long string": {`01 0d 18 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 ff ff ff ff`, errShort},
		"long OID":    {`01 05 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 7c 02 00 00`, errOIDLong},
		"cut OID":     {`01 05 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 02 00 00 00`, errShort},
		"value":       {`01 0c 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 08 00 03 00 00 00 00 00 00`, errKind},
		"no value":    {`01 0c 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 08 00 00 00 00 00 00 00 00`, errKind},
	} {
		if _, err := Decode(parseBytes(t, c.bytes)); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOID(t *testing.T) {
	for _, s := range []string{"", ".", "1..2", "1.x", "1.4294967296", "-1", "1" + strings.Repeat(".1", MaxOID)} {
		if o, err := ParseOID(s); err == nil {
			t.Errorf("%q is %v", s, o)
		}
	}
	o, err := ParseOID(".1.3.6.4294967295")
	if err != nil || o.String() != "1.3.6.4294967295" {
		t.Error(o, err)
	}
	sorted := []OID{nil, {1}, {1, 0}, {1, 3, 6}, {1, 4}, {2}}
	for i, a := range sorted {
		for j, b := range sorted {
			if got := a.Compare(b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%v.Compare(%v) = %d", a, b, got)
			}
		}
	}
	if !sorted[3].HasPrefix(sorted[1]) || sorted[1].HasPrefix(sorted[3]) || sorted[4].HasPrefix(sorted[2]) {
		t.Error("HasPrefix")
	}
}

// FuzzDecode looks for a panic, for memory out of proportion, and for PDUs
// that mean something else after encoding and decoding again.
func FuzzDecode(f *testing.F) {
	for _, c := range cases {
		f.Add(c.pdu.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Decode(b)
		if err != nil {
			return
		}
		if p.Type == TypeUnregister {
			p.Timeout = 0 // reserved there
		}
		again, err := Decode(p.Append(nil))
		if err != nil {
			t.Fatalf("encoded again it is refused: %v", err)
		}
		p.Flags |= FlagNetworkByteOrder
		if d := cmp.Diff(p, again); d != "" {
			t.Error(d)
		}
	})
}
