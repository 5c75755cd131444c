package vrrprun

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

type unixErrno = unix.Errno

// tokenMonitor is the monitor's token at the poller. Sockets have their ids,
// which begin at 1.
const tokenMonitor = 0

// open opens everything but the raw sockets, in the namespace of this thread.
func (e *Engine) open() error {
	g := &e.cfg.Global.VRRP
	var err error
	if e.poller, err = eventloop.Open(); err != nil {
		return err
	}
	if e.kernel, err = netif.Open(netif.KernelOptions{
		ReceiveBuffer: int(g.NetlinkCmdRcvBuf), Force: g.NetlinkCmdRcvBufForce,
		Names: netif.ConfiguredNames(g)}); err != nil {
		return err
	}
	// The monitor comes before the first reading, so that nothing is missed
	// between the two.
	if e.monitor, err = netif.OpenMonitor(netif.MonitorOptions{
		ReceiveBuffer: int(g.NetlinkMonitorRcvBuf), Force: g.NetlinkMonitorRcvBufForce}); err != nil {
		return err
	}
	if err := e.poller.Add(e.monitor.FD(), tokenMonitor); err != nil {
		return err
	}
	if e.announcer, err = netif.OpenAnnouncer(e.sysctls); err != nil {
		return err
	}
	if e.opt.SysctlRecord != "" {
		e.sysctls.Record(e.opt.SysctlRecord, e.complain)
	}
	e.made.open(e.opt.ObjectRecord, e.complain)
	if g.DisableLocalIGMP {
		_, _, err := e.sysctls.Hold(sysctlLocalIGMP, "0")
		e.complain(err)
	}
	e.routing.load(e.cfg)
	if err := e.watchRoutes(e.cfg); err != nil {
		return err
	}
	e.box.Open(e.poller.Wake)
	return nil
}

// sysctlLocalIGMP is what disable_local_igmp turns off.
const sysctlLocalIGMP = "ipv4/igmp_link_local_mcast_reports"

// openProbe opens the socket for polling links.
func (e *Engine) openProbe() (linkProbe, error) { return netif.OpenLinkProbe() }

func (e *Engine) closeAll() {
	if e.linkbeat != nil {
		e.linkbeat.close()
	}
	e.restore()
	e.made.record.Close(e.opt.DontRelease)
	for _, p := range e.sockets {
		p.close()
	}
	clear(e.sockets)
	if e.announcer != nil {
		e.announcer.Close()
	}
	if e.monitor != nil {
		e.monitor.Close()
	}
	if e.kernel != nil {
		e.kernel.Close()
	}
	if e.poller != nil {
		e.poller.Close()
	}
}

// restore puts back what was changed around the virtual routers. What stays
// with --dont-release-vrrp needs its surroundings.
func (e *Engine) restore() {
	if e.lvsSync != nil {
		e.lvsSync.close()
	}
	if e.opt.DontRelease && len(e.vmacs) > 0 {
		return
	}
	e.restoreRPFilter()
	_, _, err := e.sysctls.Release(sysctlLocalIGMP)
	e.complain(err)
	if e.firewall != nil {
		err := e.firewall.Close()
		e.complain(err)
		if err == nil {
			e.made.record.Remove(firewallLine(e.firewall.Table()))
		}
	}
}

// start reads the machine and gives the engine its first event.
func (e *Engine) start() error {
	if err := e.readMachine(); err != nil {
		return err
	}
	if err := e.checkInterfaces(e.cfg); err != nil {
		return err
	}
	if err := e.clearMade(e.cfg); err != nil {
		return err
	}
	if was := e.opt.Predecessor; was != nil {
		e.opt.Predecessor = nil
		if err := e.clearUp(was, e.cfg); err != nil {
			return err
		}
	}
	e.pollLinks(e.cfg)
	e.queue = e.queue[:0] // Start says it all
	r := e.trackers.start(e.cfg)
	e.step(vrrp.Start{Interfaces: e.machine.list(), Uptime: uptime(), Files: r.files, Processes: r.processes})
	e.complain(e.sysctls.PutBackUnclaimed())
	e.trackers.startScripts(e.cfg)
	e.logs.Flush()
	return nil
}

func (e *Engine) readMachine() error {
	links, err := e.kernel.Links()
	if err != nil {
		return err
	}
	addresses, err := e.kernel.Addresses()
	if err != nil {
		return err
	}
	e.machine.load(links, addresses)
	return nil
}

// uptime is how long the machine has been running, time asleep included.
func uptime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// loop waits and steps until the engine has finished.
func (e *Engine) loop() error {
	for !e.finished {
		ready, err := e.poller.Wait(e.timeout())
		if err != nil {
			return err
		}
		if len(ready) == 0 && !e.mail {
			e.step(vrrp.Timer{})
		} else {
			e.serve(ready)
		}
		e.logs.Flush()
	}
	return nil
}

// maxDeferred is how many read passes in a row may go before everything else.
const maxDeferred = 16

// serve reads what is ready. Packets come first: after a late wake-up the
// engine must know all adverts before it believes that a master is silent.
// Timers need no turn here, as every Step does what is due.
func (e *Engine) serve(ready []unix.EpollEvent) {
	for _, ev := range ready {
		e.mail = e.mail || ev.Fd == eventloop.TokenWake
	}
	if e.readSockets(ready) && e.deferred < maxDeferred {
		e.deferred++
		return
	}
	e.deferred = 0
	for _, ev := range ready {
		if ev.Fd == tokenMonitor {
			e.readMonitor()
			e.run()
		}
	}
	if e.mail {
		e.mail = false
		e.readMailbox()
	}
}

// readSockets makes one read pass over the sockets that are ready, and reports
// whether more is waiting in one of them.
func (e *Engine) readSockets(ready []unix.EpollEvent) (more bool) {
	last := len(ready) - 1
	for last >= 0 && ready[last].Fd <= 0 {
		last--
	}
	for i, ev := range ready[:last+1] {
		if p := e.sockets[vrrp.SocketID(ev.Fd)]; p != nil {
			more = e.receive(p, more || i < last || len(ready) == eventloop.MaxReady) || more
		}
	}
	return more
}

// timeout is how long to wait for the engine's deadline; negative for ever.
func (e *Engine) timeout() time.Duration {
	if e.mail {
		return 0
	}
	at, ok := e.core.Deadline()
	if !ok {
		return -1
	}
	return max(0, at.Sub(e.now()))
}

func (e *Engine) readMailbox() {
	e.letters = e.box.Take(e.letters)
	for i, l := range e.letters {
		e.letters[i] = letter{}
		if l.call != nil {
			l.call()
		} else {
			e.step(l.event)
		}
	}
}

// step passes one event to the engine and carries out what it answers, then
// what follows from that: first the failures, then what the monitor has seen.
func (e *Engine) step(ev vrrp.Event) {
	e.queue = append(e.queue, ev)
	e.run()
}

// run empties the queue. The engine's own changes come back through the
// monitor before any other input, or they would look like somebody else's.
func (e *Engine) run() {
	for next := 0; next < len(e.queue); next++ {
		ev := e.queue[next]
		e.queue[next] = nil
		before := len(e.queue)
		e.carryOut(e.core.Step(e.now(), ev))
		if failures := len(e.queue) - before; failures > 0 && before > next+1 {
			rotate(e.queue[next+1:], failures)
		}
		if e.touched {
			e.touched = false
			e.readMonitor()
		}
	}
	e.queue = e.queue[:0]
}

// rotate moves the last n of list to its front.
func rotate(list []vrrp.Event, n int) {
	moved := append([]vrrp.Event(nil), list[len(list)-n:]...)
	copy(list[n:], list[:len(list)-n])
	copy(list, moved)
}

// readMonitor puts what the kernel announced into the queue.
func (e *Engine) readMonitor() {
	var err error
	e.changes, err = e.monitor.Read(e.changes[:0])
	if err != nil {
		if !errors.Is(err, netif.ErrOverrun) {
			e.complain(fmt.Errorf("%w - a change of interfaces or addresses may have been missed", err))
			return
		}
		e.resync()
		return
	}
	suspicious := false
	for i := range e.changes {
		c := &e.changes[i]
		if c.Kind == netif.LinkChanged && c.Link.Index == e.overtaken {
			continue
		}
		switch c.Kind {
		case netif.LinkRemoved:
			e.interfaceGone(&c.Link)
		case netif.LinkChanged:
			e.announcer.Forget(c.Link.Index)
		case netif.AddressAdded, netif.AddressRemoved, netif.RouteRemoved, netif.RuleRemoved:
		}
		e.made.observe(c)
		suspicious = suspicious || e.suspect(c)
		if ev := e.machine.apply(*c); ev != nil {
			e.queue = append(e.queue, ev)
		}
	}
	if suspicious {
		routes, rules := e.missingRouting()
		for _, r := range routes {
			e.queue = append(e.queue, vrrp.RouteRemoved{Route: r})
		}
		for _, r := range rules {
			e.queue = append(e.queue, vrrp.RuleRemoved{Rule: r})
		}
	}
}

// resync reads everything again after changes were lost.
func (e *Engine) resync() {
	e.log(slog.LevelInfo, logOverrun)
	if err := e.readMachine(); err != nil {
		e.complain(fmt.Errorf("%w - interfaces and addresses may differ from what we know until the next change", err))
		return
	}
	if e.firewall != nil {
		if intact, err := e.firewall.Intact(); err != nil || !intact {
			e.complain(errors.Join(err, e.firewall.Rebuild()))
		}
	}
	routes, rules := e.missingRouting()
	e.queue = append(e.queue, vrrp.Resync{Interfaces: e.machine.list(), GoneRoutes: routes, GoneRules: rules})
}
