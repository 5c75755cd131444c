//go:build linux

package netif

import (
	"errors"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

func TestLinkProbe(t *testing.T) {
	n := nstest.New(t, "gknet-beat")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Up("eth0", "eth1")
	var p *LinkProbe
	n.Do(func() {
		var err error
		if p, err = OpenLinkProbe(); err != nil {
			t.Fatal(err)
		}
	})
	defer p.Close()
	check := func(method config.LinkbeatMethod, wantUp bool, wantUsed config.LinkbeatMethod) {
		t.Helper()
		up, used, err := p.Up("eth0", method)
		if up != wantUp || used != wantUsed || err != nil {
			t.Errorf("method %d: up %t by %d, %v; want %t by %d", method, up, used, err, wantUp, wantUsed)
		}
	}
	// A veth has no PHY.
	for _, up := range []bool{true, false} {
		check(config.LinkbeatAny, up, config.LinkbeatETHTOOL)
		check(config.LinkbeatMII, up, config.LinkbeatETHTOOL)
		check(config.LinkbeatETHTOOL, up, config.LinkbeatETHTOOL)
		check(config.LinkbeatIOCTL, up, config.LinkbeatIOCTL)
		n.Down("eth1")
	}
	if _, _, err := p.Up("eth9", config.LinkbeatAny); !errors.Is(err, unix.ENODEV) {
		t.Errorf("no such interface: %v", err)
	}
}
