package checkrun

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
)

// addressWatch follows the addresses of all interfaces of this namespace.
type addressWatch struct {
	kernel  *netif.Kernel
	monitor *netif.Monitor
	known   map[addressPlace]bool
	post    func(health.Event)
	wake    int // eventfd that ends it
	ended   chan struct{}
}

// addressPlace is one address on one interface: the same one may be on
// several.
type addressPlace struct {
	index int
	addr  netip.Addr
}

// watchAddresses is the WatchAddresses of a real machine.
func watchAddresses(g *config.Global, post func(health.Event)) (present []netip.Addr, stop func(), err error) {
	w, err := openAddressWatch(&g.LVS)
	if err != nil {
		return nil, nil, err
	}
	w.post = func(ev health.Event) { present = append(present, ev.(health.AddressAdded).Address) }
	if err = w.resync(); err == nil {
		w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC)
	}
	if err != nil {
		w.close()
		return nil, nil, fmt.Errorf("read addresses: %w", err)
	}
	w.post = post
	go w.run()
	return present, w.stop, nil
}

func openAddressWatch(g *config.LVSGlobal) (w *addressWatch, err error) {
	w = &addressWatch{known: map[addressPlace]bool{}, ended: make(chan struct{})}
	if w.kernel, err = netif.Open(netif.KernelOptions{
		ReceiveBuffer: int(g.NetlinkCmdRcvBuf), Force: g.NetlinkCmdRcvBufForce,
	}); err != nil {
		return nil, err
	}
	if w.monitor, err = netif.OpenMonitor(netif.MonitorOptions{
		ReceiveBuffer: int(g.NetlinkMonitorRcvBuf), Force: g.NetlinkMonitorRcvBufForce,
	}); err != nil {
		w.kernel.Close()
		return nil, err
	}
	return w, nil
}

func (w *addressWatch) close() {
	w.monitor.Close()
	w.kernel.Close()
}

func (w *addressWatch) stop() {
	_, _ = unix.Write(w.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	<-w.ended
}

func (w *addressWatch) run() {
	defer close(w.ended)
	defer w.close()
	defer unix.Close(w.wake)
	fds := []unix.PollFd{{Fd: int32(w.monitor.FD()), Events: unix.POLLIN}, {Fd: int32(w.wake), Events: unix.POLLIN}}
	var changes []netif.Change
	for {
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		if fds[1].Revents != 0 {
			return
		}
		var err error
		changes, err = w.monitor.Read(changes[:0])
		switch {
		case errors.Is(err, netif.ErrOverrun):
			if w.resync() != nil {
				return
			}
			continue
		case err != nil:
			return
		}
		for _, c := range changes {
			place := addressPlace{c.Address.Index, c.Address.Prefix.Addr()}
			switch c.Kind {
			case netif.AddressAdded:
				w.add(place)
			case netif.AddressRemoved:
				w.remove(place)
			case netif.LinkChanged, netif.LinkRemoved:
			}
		}
	}
}

// resync compares what is known with all that there is.
func (w *addressWatch) resync() error {
	list, err := w.kernel.Addresses()
	if err != nil {
		return err
	}
	there := map[addressPlace]bool{}
	for _, a := range list {
		there[addressPlace{a.Index, a.Prefix.Addr()}] = true
	}
	for place := range w.known {
		if !there[place] {
			w.remove(place)
		}
	}
	for place := range there {
		w.add(place)
	}
	return nil
}

// add and remove report real changes only: the kernel announces an address
// again when its flags change.
func (w *addressWatch) add(place addressPlace) {
	if !w.known[place] {
		w.known[place] = true
		w.post(health.AddressAdded{Address: place.addr})
	}
}

func (w *addressWatch) remove(place addressPlace) {
	if w.known[place] {
		delete(w.known, place)
		w.post(health.AddressRemoved{Address: place.addr})
	}
}
