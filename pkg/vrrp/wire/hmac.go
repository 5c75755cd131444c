package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Layout of the auth_hmac trailer (keepalived 2.4.2 and later).
//
//	0      1       2         4             8               10           12
//	| 1    | key   | 0    0  | UTC seconds | 1/65536 s     | counter    | HMAC 16 |
const (
	trailerType    = 0
	trailerKey     = 1
	trailerTime    = 4
	trailerMAC     = 12
	hmacTypeSHA256 = 1 // HMAC-SHA256 cut to 128 bits
	hmacLen        = TrailerLen - trailerMAC
	pseudoLen      = 20
)

// MulticastSources is how many senders of one VRID are remembered against
// replay on a multicast link; the one heard longest ago makes room.
const MulticastSources = 4

// HMAC makes and checks the trailer for one instance. It remembers what it
// sent and the last accepted trailer of each source.
type HMAC struct {
	cfg *config.AuthHMAC
	mac map[uint8]hash.Hash

	last uint64
	sent bool

	marks []mark
	turn  uint64

	pseudo [pseudoLen]byte
	head   [HeaderLen]byte
	zero   [hmacLen]byte
	sum    []byte
}

// mark is the sequence of the last accepted trailer of a source.
type mark struct {
	source   netip.Addr
	sequence uint64
	turn     uint64 // when it was heard, by our own count
}

// NewHMAC returns the authentication of cfg, which remembers up to sources
// senders: the number of unicast peers, or MulticastSources.
func NewHMAC(cfg *config.AuthHMAC, sources int) *HMAC {
	h := &HMAC{
		cfg:   cfg,
		mac:   make(map[uint8]hash.Hash, len(cfg.Keys)),
		marks: make([]mark, 0, max(sources, 1)),
		sum:   make([]byte, 0, sha256.Size),
	}
	for id, key := range cfg.Keys {
		h.mac[id] = hmac.New(sha256.New, key)
	}
	return h
}

// Adopt takes over the memory of old: what was sent and accepted, so that a
// reload opens no door for replay.
func (h *HMAC) Adopt(old *HMAC) {
	h.last, h.sent, h.turn = old.last, old.sent, old.turn
	for _, m := range old.marks {
		if len(h.marks) < cap(h.marks) {
			h.marks = append(h.marks, m)
		}
	}
}

// Sends reports whether our adverts carry a trailer.
func (h *HMAC) Sends() bool { return h.cfg.Mode != config.HMACReceiveOnly }

// Required reports whether adverts without a trailer are refused.
func (h *HMAC) Required() bool { return h.cfg.Mode == config.HMACEnforce }

// Sign fills in the last TrailerLen bytes of pdu: the advert with room for the
// trailer. now is the wall clock. The checksum may be set before or after.
func (h *HMAC) Sign(now time.Time, src netip.Addr, pdu []byte) {
	seq := h.next(now)
	t := pdu[len(pdu)-TrailerLen:]
	t[trailerType], t[trailerKey], t[2], t[3] = hmacTypeSHA256, h.cfg.ActiveKey, 0, 0
	binary.BigEndian.PutUint64(t[trailerTime:], seq)
	copy(t[trailerMAC:], h.digest(h.mac[h.cfg.ActiveKey], src, pdu))
}

// clock is the wall clock as a sequence number: 32 bits of seconds, 16 of
// fraction, 16 of counter.
func clock(now time.Time) uint64 {
	frac := uint64(now.Nanosecond()) << 16 / uint64(time.Second)
	return uint64(uint32(now.Unix()))<<32 | frac<<16
}

// next is the sequence of the next advert: the clock, or one more than the
// last when the clock has not moved on. In time mode a clock that was set back
// by more than the window starts afresh: the receivers would call it stale.
func (h *HMAC) next(now time.Time) uint64 {
	c := clock(now)
	if h.sent && !after(c, h.last) {
		ahead := int32(uint32(h.last>>32) - uint32(c>>32))
		if h.cfg.Monotonic || time.Duration(ahead)*time.Second <= h.cfg.TimeWindow {
			c = h.last + 1
		}
	}
	h.last, h.sent = c, true
	return c
}

// after is the order of RFC 1982 for 64 bits.
func after(a, b uint64) bool { return int64(a-b) > 0 }

// Verdict is what Verify found.
type Verdict struct {
	Drop Drop
	Key  uint8
	// Skew is how far the sender's clock is from ours, in whole seconds,
	// never negative. It is zero in monotonic mode.
	Skew time.Duration
}

// Verify judges the trailer at the end of pdu and, if it is good, remembers
// its sequence. now is the wall clock.
func (h *HMAC) Verify(now time.Time, src netip.Addr, pdu []byte) Verdict {
	t := pdu[len(pdu)-TrailerLen:]
	v := Verdict{Key: t[trailerKey]}
	if t[trailerType] != hmacTypeSHA256 || t[2] != 0 || t[3] != 0 {
		v.Drop = DropTrailerMalformed
		return v
	}
	seq := binary.BigEndian.Uint64(t[trailerTime:])
	if !h.cfg.Monotonic {
		v.Skew = skew(now, seq)
		if v.Skew > h.cfg.TimeWindow {
			v.Drop = DropTrailerStale
			return v
		}
	}
	mac := h.mac[v.Key]
	if mac == nil {
		v.Drop = DropTrailerUnknownKey
		return v
	}
	if subtle.ConstantTimeCompare(h.digest(mac, src, pdu), t[trailerMAC:]) != 1 {
		v.Drop = DropTrailerHMAC
		return v
	}
	if !h.accept(now, src, seq) {
		v.Drop = DropTrailerReplay
	}
	return v
}

func skew(now time.Time, seq uint64) time.Duration {
	d := int64(int32(uint32(now.Unix()) - uint32(seq>>32)))
	if d < 0 {
		d = -d
	}
	return time.Duration(d) * time.Second
}

// accept records seq for src unless it is not after the last one. A record
// outside the window is forgotten: the sender's clock was set back.
func (h *HMAC) accept(now time.Time, src netip.Addr, seq uint64) bool {
	h.turn++
	oldest := 0
	for i := range h.marks {
		m := &h.marks[i]
		if m.source == src {
			if !after(seq, m.sequence) &&
				(h.cfg.Monotonic || skew(now, m.sequence) <= h.cfg.TimeWindow) {
				return false
			}
			m.sequence, m.turn = seq, h.turn
			return true
		}
		if m.turn < h.marks[oldest].turn {
			oldest = i
		}
	}
	m := mark{source: src, sequence: seq, turn: h.turn}
	if len(h.marks) < cap(h.marks) {
		h.marks = append(h.marks, m)
	} else {
		h.marks[oldest] = m
	}
	return true
}

// digest is the HMAC of the pseudo header, the advert with its checksum as
// zero up to the trailer's own digest, and 16 zero bytes in its place.
func (h *HMAC) digest(mac hash.Hash, src netip.Addr, pdu []byte) []byte {
	src = src.Unmap()
	h.pseudo = [pseudoLen]byte{6, pdu[0] >> 4, pdu[1], 0}
	if src.Is4() {
		a := src.As4()
		h.pseudo[0] = 4
		copy(h.pseudo[4:], a[:])
	} else {
		a := src.As16()
		copy(h.pseudo[4:], a[:])
	}
	copy(h.head[:], pdu[:HeaderLen])
	h.head[6], h.head[7] = 0, 0
	mac.Reset()
	mac.Write(h.pseudo[:])
	mac.Write(h.head[:])
	mac.Write(pdu[HeaderLen : len(pdu)-hmacLen])
	mac.Write(h.zero[:])
	h.sum = mac.Sum(h.sum[:0])
	return h.sum[:hmacLen]
}
