package agentx

import "encoding/binary"

// version is the protocol version in every header.
const version = 1

// HeaderLen is the length of the header of a PDU.
const HeaderLen = 20

// writer builds a PDU in network byte order.
type writer struct{ b []byte }

// Append adds the encoded PDU to b. It is always in network byte order.
func (p *PDU) Append(b []byte) []byte {
	start := len(b)
	w := writer{b}
	w.b = append(w.b, version, byte(p.Type), p.Flags|FlagNetworkByteOrder, 0)
	w.u32(p.SessionID)
	w.u32(p.TransactionID)
	w.u32(p.PacketID)
	w.u32(0) // length, below
	w.payload(p)
	binary.BigEndian.PutUint32(w.b[start+16:], uint32(len(w.b)-start-HeaderLen))
	return w.b
}

func (w *writer) payload(p *PDU) {
	if p.Flags&FlagNonDefaultContext != 0 {
		w.octets(p.Context)
	}
	switch p.Type {
	case TypeOpen:
		w.b = append(w.b, p.Timeout, 0, 0, 0)
		w.oid(p.OID, false)
		w.octets([]byte(p.Description))
	case TypeClose:
		w.b = append(w.b, byte(p.Reason), 0, 0, 0)
	case TypeRegister:
		w.b = append(w.b, p.Timeout, p.Priority, p.RangeSubID, 0)
		w.subtree(p)
	case TypeUnregister:
		w.b = append(w.b, 0, p.Priority, p.RangeSubID, 0)
		w.subtree(p)
	case TypeGet, TypeGetNext:
		w.ranges(p.Ranges)
	case TypeGetBulk:
		w.u16(p.NonRepeaters)
		w.u16(p.MaxRepetitions)
		w.ranges(p.Ranges)
	case TypeTestSet, TypeNotify:
		w.varBinds(p.VarBinds)
	case TypeResponse:
		w.u32(p.SysUpTime)
		w.u16(uint16(p.Error))
		w.u16(p.Index)
		w.varBinds(p.VarBinds)
	case TypeCommitSet, TypeUndoSet, TypeCleanupSet, TypePing:
	}
}

func (w *writer) u16(n uint16) { w.b = binary.BigEndian.AppendUint16(w.b, n) }
func (w *writer) u32(n uint32) { w.b = binary.BigEndian.AppendUint32(w.b, n) }

func (w *writer) subtree(p *PDU) {
	w.oid(p.OID, false)
	if p.RangeSubID != 0 {
		w.u32(p.UpperBound)
	}
}

// oid writes an object identifier; 1.3.6.1.X is shortened to X (RFC 2741 5.1).
func (w *writer) oid(o OID, include bool) {
	prefix := byte(0)
	if len(o) >= 5 && o[0] == 1 && o[1] == 3 && o[2] == 6 && o[3] == 1 && o[4] >= 1 && o[4] <= 255 {
		prefix = byte(o[4])
		o = o[5:]
	}
	flag := byte(0)
	if include {
		flag = 1
	}
	w.b = append(w.b, byte(len(o)), prefix, flag, 0)
	for _, n := range o {
		w.u32(n)
	}
}

func (w *writer) octets(s []byte) {
	w.u32(uint32(len(s)))
	w.b = append(w.b, s...)
	for range -len(s) & 3 {
		w.b = append(w.b, 0)
	}
}

func (w *writer) ranges(list []Range) {
	for _, r := range list {
		w.oid(r.Start, r.Include)
		w.oid(r.End, false)
	}
}

func (w *writer) varBinds(list []VarBind) {
	for i := range list {
		v := &list[i].Value
		w.u16(uint16(v.Kind))
		w.u16(0)
		w.oid(list[i].Name, false)
		switch v.Kind {
		case KindInteger, KindCounter32, KindGauge32, KindTimeTicks:
			w.u32(uint32(v.Number))
		case KindCounter64:
			w.b = binary.BigEndian.AppendUint64(w.b, v.Number)
		case KindOctets, KindIPAddress, KindOpaque:
			w.octets(v.Octets)
		case KindOID:
			w.oid(v.OID, false)
		case KindNone, KindNull, NoSuchObject, NoSuchInstance, EndOfMIBView:
		}
	}
}
