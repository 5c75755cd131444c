package status

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// The lines are keepalived 2.2.7's, in its order, without its pointers and
// descriptors; those after "last seen" and the sockets are ours.
func TestWriteBFD(t *testing.T) {
	c := config.NewBFDInstance()
	c.Name, c.Neighbor, c.Source, c.TTL, c.VRRP = "B1", netip.MustParseAddr("10.8.0.2"), netip.MustParseAddr("10.8.0.1"), 255, true
	seen := time.Date(2026, 11, 21, 2, 6, 36, 444922000, time.Local)
	b := BFD{
		Sessions: []BFDSession{{
			Config: c, State: "Up", RemoteState: "Init", Diag: "No Diagnostic", RemoteDiag: "Path Down",
			Discriminator: 0x97ee121f, RemoteDiscriminator: 0xac6e5492, RemoteMinTx: 60 * time.Millisecond, RemoteMinRx: 50 * time.Millisecond,
			RemoteMultiplier: 4, Polling: true, TxInterval: 50 * time.Millisecond, RemoteTxInterval: 60 * time.Millisecond,
			DetectionTime: 240 * time.Millisecond, RemoteDetectionTime: 250 * time.Millisecond, SocketOpen: true,
			LastSeen: seen, Transitions: 3, Sent: 85, Received: 83, Drops: []BFDDrop{{"TTL", 7}},
		}},
		Drops: []BFDDrop{{"unknown session", 2}},
	}
	var w strings.Builder
	if err := WriteBFD(&w, &b); err != nil {
		t.Fatal(err)
	}
	want := `------< BFD Topology >------
 BFD Instance = B1
   Neighbor IP = 10.8.0.2
   Source IP = 10.8.0.1
   Required min RX interval = 10000 us
   Desired min TX interval = 10000 us
   Desired idle TX interval = 1000000 us
   Detection multiplier = 5
   TTL = 255
   max_hops = 0
   passive = false
   send event to VRRP process = Yes
   send event to checker process = No
   output socket = open
   send error = false
   local state = Up
   remote state = Init
   local discriminator = 0x97ee121f
   remote discriminator = 0xac6e5492
   local diag = No Diagnostic
   remote diag = Path Down
   remote min tx intv = 60000 us
   remote min rx intv = 50000 us
   local demand = 0
   remote demand = 0
   remote detect multiplier = 4
   poll, !final
   local tx intv = 50000 us
   remote tx intv = 60000 us
   local detection time = 240000 us
   remote detection time = 250000 us
   last seen = ` + epoch(seen) + `
   transitions = 3
   packets sent = 85, received = 83
   refused packets (TTL) = 7
 Refused packets without session (unknown session) = 2
`
	if got := w.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b.Sessions[0].LastSeen = time.Time{}
	w.Reset()
	_ = WriteBFD(&w, &b)
	if !strings.Contains(w.String(), "   last seen = [never]\n") {
		t.Error("a session without neighbor has been seen")
	}
}
