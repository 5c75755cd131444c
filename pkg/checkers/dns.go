package checkers

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"

	"github.com/miekg/dns"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// dnsHeader is the length of the header of a DNS message (RFC 1035 4.1.1).
const dnsHeader = 12

// probeDNS sends one query. An answer with our ID and no error code is
// success, whatever it holds.
func probeDNS(ctx context.Context, t *Target) health.Outcome {
	c := t.Checker
	query, id, err := dnsQuery(c.DNS)
	if err != nil {
		return localTrouble(err.Error()+".", "")
	}
	conn, err := dial(ctx, c, "udp")
	if err != nil {
		return dnsConnectOutcome(c, err)
	}
	defer conn.Close()
	defer closeWith(ctx, conn)()
	within(conn, c.ConnectTimeout)
	if _, err := conn.Write(query); err != nil {
		switch {
		case isTimeout(err):
			return timedOut(logtext.ReasonDNSWriteTime)
		case isUnreachable(err):
			return bad(logtext.ReasonDNSUnreachable, bracketed(c))
		}
		return bad(logtext.ReasonDNSConnect)
	}
	return awaitAnswer(conn, id)
}

// awaitAnswer reads until the answer with id comes. Datagrams of others, and
// queries, are skipped.
func awaitAnswer(conn net.Conn, id uint16) health.Outcome {
	answer := make([]byte, 4096)
	for {
		n, err := conn.Read(answer)
		if err != nil {
			if isTimeout(err) {
				return timedOut(logtext.ReasonDNSReadTime)
			}
			var errno syscall.Errno
			if errors.As(err, &errno) {
				return bad(logtext.ReasonDNSRead, int(errno), sentence(errno.Error()))
			}
			return bad("failed to read socket; %v", err)
		}
		if n < dnsHeader || binary.BigEndian.Uint16(answer) != id || answer[2]&0x80 == 0 {
			continue
		}
		if rcode := answer[3] & 0x0f; rcode != dns.RcodeSuccess {
			return bad(logtext.ReasonDNSCode, rcode)
		}
		return good()
	}
}

// dnsQuery is a query with recursion desired, one question and nothing else.
func dnsQuery(q *config.DNSCheck) (packet []byte, id uint16, err error) {
	typ, ok := dns.StringToType[q.Type]
	if !ok {
		return nil, 0, fmt.Errorf("unknown query type %q", q.Type)
	}
	id = uint16(rand.Uint32())
	m := dns.Msg{
		MsgHdr:   dns.MsgHdr{Id: id, RecursionDesired: true},
		Question: []dns.Question{{Name: dns.Fqdn(q.Name), Qtype: typ, Qclass: dns.ClassINET}},
	}
	packet, err = m.Pack()
	if err != nil {
		return nil, 0, fmt.Errorf("name %q: %w", q.Name, err)
	}
	return packet, id, nil
}

func dnsConnectOutcome(c *config.Checker, err error) health.Outcome {
	if o, local := classify(err); local {
		return o
	}
	if isUnreachable(err) {
		return bad(logtext.ReasonDNSUnreachable, bracketed(c))
	}
	return bad(logtext.ReasonDNSConnect)
}
