package checkrun

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// TestWatchAddresses follows the addresses of a namespace:
//
//	eth0 ---- eth1    a veth pair
func TestWatchAddresses(t *testing.T) {
	ns := nstest.New(t, "gkaddr")
	nstest.Veth(t, ns, "eth0", ns, "eth1")
	ns.Up("eth0", "eth1")
	ns.AddAddress("eth0", "10.9.1.1/24")
	g := config.NewGlobal()
	g.LVS.NetlinkMonitorRcvBuf, g.LVS.NetlinkMonitorRcvBufForce = 3_000_000, true
	events := make(chan health.Event, 100)
	var present []netip.Addr
	var stop func()
	ns.Do(func() {
		w, err := openAddressWatch(&g.LVS)
		if err != nil {
			t.Fatal(err)
		}
		// The kernel doubles it for what it needs itself.
		if n, err := unix.GetsockoptInt(w.monitor.FD(), unix.SOL_SOCKET, unix.SO_RCVBUF); err != nil || n != 6_000_000 {
			t.Errorf("receive buffer of %d bytes, %v", n, err)
		}
		w.close()
		if present, stop, err = watchAddresses(&g, func(ev health.Event) { events <- ev }); err != nil {
			t.Fatal(err)
		}
	})
	defer stop()
	if !slices.Contains(present, netip.MustParseAddr("10.9.1.1")) {
		t.Errorf("present: %v", present)
	}
	expect := func(want health.Event) {
		t.Helper()
		for timeout := time.After(20 * time.Second); ; {
			select {
			case got := <-events:
				if got == want {
					return
				}
			case <-timeout:
				t.Fatalf("%+v did not come", want)
			}
		}
	}
	a := netip.MustParseAddr("10.9.1.9")
	ns.AddAddress("eth1", "10.9.1.9/32")
	expect(health.AddressAdded{Address: a})
	ns.Run("ip", "addr", "del", "10.9.1.9/32", "dev", "eth1")
	expect(health.AddressRemoved{Address: a})
	ns.Run("ip", "link", "del", "eth0")
	expect(health.AddressRemoved{Address: netip.MustParseAddr("10.9.1.1")})
}
