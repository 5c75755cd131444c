package agentx

import "net/netip"

// Kind is the type of a value (RFC 2741 5.4).
type Kind uint16

// Kinds with their numbers on the wire. KindNone is no value at all: a reader
// of an object returns it for a row that does not have the object.
const (
	KindNone       Kind = 0
	KindInteger    Kind = 2
	KindOctets     Kind = 4
	KindNull       Kind = 5
	KindOID        Kind = 6
	KindIPAddress  Kind = 64
	KindCounter32  Kind = 65
	KindGauge32    Kind = 66
	KindTimeTicks  Kind = 67
	KindOpaque     Kind = 68
	KindCounter64  Kind = 70
	NoSuchObject   Kind = 128
	NoSuchInstance Kind = 129
	EndOfMIBView   Kind = 130
)

// Value is the value of an object. Number is the value of all numeric kinds;
// a negative integer is sign-extended.
type Value struct {
	Kind   Kind
	Number uint64
	Octets []byte
	OID    OID
}

// VarBind is an object with its value.
type VarBind struct {
	Name  OID
	Value Value
}

// Integer is an INTEGER or Integer32.
func Integer(n int32) Value { return Value{Kind: KindInteger, Number: uint64(int64(n))} }

// Int is the value of an INTEGER.
func (v Value) Int() int32 { return int32(uint32(v.Number)) }

// Gauge is an Unsigned32 or Gauge32.
func Gauge(n uint32) Value { return Value{Kind: KindGauge32, Number: uint64(n)} }

// Counter32 is a counter that wraps at 32 bits.
func Counter32(n uint64) Value { return Value{Kind: KindCounter32, Number: n & (1<<32 - 1)} }

// Counter64 is a 64-bit counter.
func Counter64(n uint64) Value { return Value{Kind: KindCounter64, Number: n} }

// TimeTicks are hundredths of a second.
func TimeTicks(n uint32) Value { return Value{Kind: KindTimeTicks, Number: uint64(n)} }

// Text is an OCTET STRING of characters.
func Text(s string) Value { return Value{Kind: KindOctets, Octets: []byte(s)} }

// Octets is an OCTET STRING.
func Octets(b []byte) Value { return Value{Kind: KindOctets, Octets: b} }

// InetAddress is the OCTET STRING of an address, 4 or 16 bytes long.
func InetAddress(a netip.Addr) Value { return Value{Kind: KindOctets, Octets: a.Unmap().AsSlice()} }

// IPAddress is an IpAddress; 0.0.0.0 for anything but an IPv4 address.
func IPAddress(a netip.Addr) Value {
	b := [4]byte{}
	if a = a.Unmap(); a.Is4() {
		b = a.As4()
	}
	return Value{Kind: KindIPAddress, Octets: b[:]}
}

// ObjectID is an OBJECT IDENTIFIER.
func ObjectID(o OID) Value { return Value{Kind: KindOID, OID: o} }
