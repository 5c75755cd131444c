package checkers

import (
	"context"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// udpPayload is what UDP_CHECK sends when nothing else is configured.
const udpPayload = "keepalived check - keepalived ch"

// probeUDP sends one datagram. Without require_reply silence is success and
// only an ICMP error fails; unlike elsewhere our own errors fail too.
func probeUDP(ctx context.Context, t *Target) health.Outcome {
	c := t.Checker
	conn, err := dial(ctx, c, "udp")
	if err != nil {
		return bad(textFailed)
	}
	defer conn.Close()
	defer closeWith(ctx, conn)()
	within(conn, c.ConnectTimeout)
	payload := c.UDP.Payload
	if payload == nil {
		payload = []byte(udpPayload)
	}
	if _, err := conn.Write(payload); err != nil {
		return bad(textFailed)
	}
	reply := make([]byte, 1<<16)
	n, err := conn.Read(reply)
	switch {
	case err == nil && acceptable(c.UDP, reply[:n]):
		return good()
	case err == nil:
		return bad(logtext.ReasonUDPReply)
	case isTimeout(err) && !c.UDP.RequireReply:
		return good()
	case isTimeout(err):
		return timedOut(textTimeout)
	}
	return bad(textFailed)
}

// acceptable compares a reply with the wanted one, as far as both go. The
// length limits count only with a wanted reply.
func acceptable(u *config.UDPCheck, reply []byte) bool {
	if !u.RequireReply || u.Reply == nil {
		return true
	}
	if len(reply) < int(u.MinReply) || len(reply) > int(u.MaxReply) {
		return false
	}
	for i := range min(len(reply), len(u.Reply)) {
		mask := byte(0xff)
		if i < len(u.ReplyMask) {
			mask = u.ReplyMask[i]
		}
		if (reply[i]^u.Reply[i])&mask != 0 {
			return false
		}
	}
	return true
}
