package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/vishvananda/netlink"
)

// addressWatch is -a: it logs every address that comes or goes on the host,
// except our own.
type addressWatch struct {
	log *slog.Logger
	own atomic.Pointer[map[netip.Addr]bool]
}

func newAddressWatch(log *slog.Logger, cfg *config.Config) *addressWatch {
	w := &addressWatch{log: log}
	w.update(cfg)
	return w
}

// update takes the addresses that are ours from a configuration.
func (w *addressWatch) update(cfg *config.Config) {
	own := map[netip.Addr]bool{}
	add := func(list []*config.Address) {
		for _, a := range list {
			own[a.Prefix.Addr()] = true
		}
	}
	for _, v := range cfg.Instances {
		add(v.VirtualAddresses)
		add(v.ExcludedAddresses)
	}
	add(cfg.StaticAddresses)
	w.own.Store(&own)
}

// run logs until ctx is cancelled. The addresses that are there come first.
func (w *addressWatch) run(ctx context.Context) {
	updates := make(chan netlink.AddrUpdate, 256)
	err := netlink.AddrSubscribeWithOptions(updates, ctx.Done(), netlink.AddrSubscribeOptions{
		ListExisting: true,
		ErrorCallback: func(err error) {
			if ctx.Err() == nil {
				w.log.Warn(fmt.Sprintf(textCannot, "watch addresses", err, "the changes of addresses are not logged (-a)"))
			}
		},
	})
	if err != nil {
		w.log.Warn(fmt.Sprintf(textCannot, "watch addresses", err, "the changes of addresses are not logged (-a)"))
		return
	}
	for u := range updates {
		a, ok := netip.AddrFromSlice(u.LinkAddress.IP)
		if a = a.Unmap(); !ok || (*w.own.Load())[a] {
			continue
		}
		name := fmt.Sprintf("interface %d", u.LinkIndex)
		if link, err := netlink.LinkByIndex(u.LinkIndex); err == nil {
			name = link.Attrs().Name
		}
		text := logtext.AddressRemovedFrom
		if u.NewAddr {
			text = logtext.AddressAddedTo
		}
		w.log.Info(fmt.Sprintf(text, a, name))
	}
}
