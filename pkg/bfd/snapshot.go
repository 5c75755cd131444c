package bfd

import (
	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Snapshot is the present state. It shares nothing with the engine except the
// configuration.
func (e *Engine) Snapshot() status.BFD {
	snap := status.BFD{Time: e.now, Drops: e.drops.list()}
	for _, s := range e.sessions {
		snap.Sessions = append(snap.Sessions, status.BFDSession{
			Config: s.cfg, State: s.state.String(), RemoteState: s.remoteState.String(), Up: s.state == wire.Up,
			Diag: s.diag.String(), RemoteDiag: s.remoteDiag.String(),
			Discriminator: s.discr, RemoteDiscriminator: s.remoteDiscr,
			RemoteMinTx: s.remoteMinTx, RemoteMinRx: s.remoteMinRx,
			RemoteDemand: s.remoteDemand, RemoteMultiplier: s.remoteMult, Polling: s.polling,
			TxInterval: s.txInterval(), RemoteTxInterval: s.remoteTxInterval(),
			DetectionTime: s.detectionTime(), RemoteDetectionTime: s.remoteDetectionTime(),
			SocketOpen: s.open, SendError: s.failing && s.failedAt == s.sent,
			LastSeen: s.lastSeen, Transitions: s.transitions, Sent: s.sent, Received: s.received, Drops: s.drops.list(),
		})
	}
	return snap
}

// list is what is not zero.
func (d *drops) list() []status.BFDDrop {
	var list []status.BFDDrop
	for i, n := range d {
		if n > 0 {
			list = append(list, status.BFDDrop{Reason: wire.Drop(i).String(), Count: n})
		}
	}
	return list
}
