package agentx

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxPayload is the longest payload that is read. A master passes on what
// came in one SNMP message, which has at most 64 KiB.
const MaxPayload = 1 << 18

// Errors of Decode.
var (
	errShort   = errors.New("PDU ends early")
	errVersion = errors.New("not version 1")
	errLong    = fmt.Errorf("payload of more than %d bytes", MaxPayload)
	errOIDLong = fmt.Errorf("object identifier of more than %d numbers", MaxOID)
	errRest    = errors.New("bytes after the end of the PDU")
	errType    = errors.New("unknown type of PDU")
	errKind    = errors.New("unknown type of value")
	errPadding = errors.New("length of the payload is no multiple of 4")
)

// PayloadLen reads the length of the payload from a header, HeaderLen bytes.
func PayloadLen(header []byte) (int, error) {
	if len(header) < HeaderLen {
		return 0, errShort
	}
	if header[0] != version {
		return 0, errVersion
	}
	n := order(header[2]).Uint32(header[16:])
	switch {
	case n > MaxPayload:
		return 0, errLong
	case n%4 != 0:
		return 0, errPadding
	}
	return int(n), nil
}

func order(flags byte) binary.ByteOrder {
	if flags&FlagNetworkByteOrder != 0 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Decode reads one whole PDU: header and payload, nothing after it. The
// result shares no memory with b.
func Decode(b []byte) (*PDU, error) {
	n, err := PayloadLen(b)
	if err != nil {
		return nil, err
	}
	r := reader{b: b[HeaderLen:], order: order(b[2])}
	switch {
	case len(r.b) < n:
		return nil, errShort
	case len(r.b) > n:
		return nil, errRest
	}
	p := &PDU{
		Type: Type(b[1]), Flags: b[2],
		SessionID: r.order.Uint32(b[4:]), TransactionID: r.order.Uint32(b[8:]), PacketID: r.order.Uint32(b[12:]),
	}
	r.payload(p)
	if r.err != nil {
		return nil, r.err
	}
	if len(r.b) > 0 {
		return nil, errRest
	}
	return p, nil
}

// reader takes a payload apart; after an error it gives zeros.
type reader struct {
	b     []byte
	order binary.ByteOrder
	err   error
}

func (r *reader) take(n int) []byte {
	if r.err == nil && len(r.b) < n {
		r.err = errShort
	}
	if r.err != nil {
		return make([]byte, min(n, 8))
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u16() uint16 { return r.order.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return r.order.Uint32(r.take(4)) }

func (r *reader) payload(p *PDU) {
	if p.Flags&FlagNonDefaultContext != 0 {
		p.Context = r.octets()
	}
	switch p.Type {
	case TypeOpen:
		p.Timeout = r.take(4)[0]
		p.OID, _ = r.oid()
		p.Description = string(r.octets())
	case TypeClose:
		p.Reason = Reason(r.take(4)[0])
	case TypeRegister, TypeUnregister:
		b := r.take(4)
		p.Timeout, p.Priority, p.RangeSubID = b[0], b[1], b[2]
		p.OID, _ = r.oid()
		if p.RangeSubID != 0 {
			p.UpperBound = r.u32()
		}
	case TypeGet, TypeGetNext:
		p.Ranges = r.ranges()
	case TypeGetBulk:
		p.NonRepeaters, p.MaxRepetitions = r.u16(), r.u16()
		p.Ranges = r.ranges()
	case TypeTestSet, TypeNotify:
		p.VarBinds = r.varBinds()
	case TypeResponse:
		p.SysUpTime = r.u32()
		p.Error, p.Index = Error(r.u16()), r.u16()
		p.VarBinds = r.varBinds()
	case TypeCommitSet, TypeUndoSet, TypeCleanupSet, TypePing:
	default:
		r.err = errType
	}
}

func (r *reader) oid() (o OID, include bool) {
	b := r.take(4)
	n, prefix := int(b[0]), uint32(b[1])
	include = b[2] != 0
	total := n
	if prefix != 0 {
		total += 5
	}
	if r.err == nil && total > MaxOID {
		r.err = errOIDLong
	}
	numbers := r.take(4 * n)
	if r.err != nil || total == 0 {
		return nil, include
	}
	o = make(OID, 0, total)
	if prefix != 0 {
		o = append(o, 1, 3, 6, 1, prefix)
	}
	for i := range n {
		o = append(o, r.order.Uint32(numbers[4*i:]))
	}
	return o, include
}

func (r *reader) octets() []byte {
	n := r.u32()
	if r.err == nil && uint64(n) > uint64(len(r.b)) {
		r.err = errShort
	}
	if r.err != nil {
		return nil
	}
	b := append([]byte{}, r.take(int(n))...)
	r.take(-int(n) & 3)
	return b
}

func (r *reader) ranges() (list []Range) {
	for r.err == nil && len(r.b) > 0 {
		var g Range
		g.Start, g.Include = r.oid()
		g.End, _ = r.oid()
		list = append(list, g)
	}
	return list
}

func (r *reader) varBinds() (list []VarBind) {
	for r.err == nil && len(r.b) > 0 {
		var v VarBind
		v.Value.Kind = Kind(r.u16())
		r.u16()
		v.Name, _ = r.oid()
		r.value(&v.Value)
		list = append(list, v)
	}
	return list
}

func (r *reader) value(v *Value) {
	switch v.Kind {
	case KindInteger:
		v.Number = uint64(int64(int32(r.u32())))
	case KindCounter32, KindGauge32, KindTimeTicks:
		v.Number = uint64(r.u32())
	case KindCounter64:
		v.Number = r.order.Uint64(r.take(8))
	case KindOctets, KindIPAddress, KindOpaque:
		v.Octets = r.octets()
	case KindOID:
		v.OID, _ = r.oid()
	case KindNull, NoSuchObject, NoSuchInstance, EndOfMIBView:
	case KindNone:
		r.err = errKind
	default:
		r.err = errKind
	}
}
