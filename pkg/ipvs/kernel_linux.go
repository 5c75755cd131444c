package ipvs

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	moby "github.com/moby/ipvs"
	"github.com/sirupsen/logrus"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// kernel is the IPVS of Linux. Flushing and timeouts go through moby/ipvs,
// the rest through conn.
type kernel struct {
	moby    *moby.Handle
	conn    *conn
	version Version
}

// ErrNoIPVS is wrapped by the error about a kernel that has no IPVS, and no
// module that would bring it.
var ErrNoIPVS = errors.New("no IPVS in this kernel")

// OpenError says why IPVS cannot be used, and how to mend it. Its text begins
// as keepalived's log line.
type OpenError struct {
	Err error
	// Namespace is the one that was asked for, "" for ours.
	Namespace string
}

// Error is "IPVS: Can't initialize ipvs: No such file or directory" and the
// remedy.
func (e *OpenError) Error() string {
	text, remedy := e.Err.Error(), ""
	var errno syscall.Errno
	if errors.As(e.Err, &errno) {
		text = strerror(errno)
		switch {
		case errors.Is(e.Err, ErrNoIPVS):
			remedy = " - load the kernel module ip_vs, or leave the checkers out with -P"
		case errno == syscall.ENOENT && e.Namespace != "":
			remedy = " - is there a network namespace " + e.Namespace + "?"
		case errno == syscall.EPERM || errno == syscall.EACCES:
			remedy = " - CAP_NET_ADMIN is needed"
		}
	}
	return fmt.Sprintf(logtext.IPVSNotInitialized, text) + remedy
}

// Unwrap gives the cause.
func (e *OpenError) Unwrap() error { return e.Err }

// Open connects to the IPVS of a network namespace: "" for the one we are in,
// a name for one of ip-netns(8), or a path. If the kernel has no IPVS it tries
// modprobe first. The error is an *OpenError.
func Open(namespace string) (Kernel, error) {
	k, err := open(namespace)
	if err != nil {
		return nil, &OpenError{err, namespace}
	}
	return k, nil
}

func open(namespace string) (*kernel, error) {
	path := namespace
	if path != "" && !strings.Contains(path, "/") {
		path = filepath.Join("/run/netns", namespace)
	}
	family, err := genericFamily()
	if err != nil {
		return nil, err
	}
	ns := netns.None()
	if path != "" {
		if ns, err = netns.GetFromPath(path); err != nil {
			return nil, fmt.Errorf("network namespace %s: %w", namespace, unwrapPath(err))
		}
		defer ns.Close()
	}
	k := &kernel{}
	if k.conn, err = dial(ns, family); err != nil {
		return nil, err
	}
	if k.version, err = k.readVersion(); err == nil {
		k.moby, err = openMoby(path)
	}
	if err != nil {
		k.conn.close()
		return nil, err
	}
	return k, nil
}

func unwrapPath(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// genericFamily finds the number of the family, loading the module if need
// be. Families are the same in all namespaces.
func genericFamily() (uint16, error) {
	f, err := netlink.GenlFamilyGet(genlFamily)
	if err != nil && errors.Is(err, syscall.ENOENT) {
		if exec.Command("modprobe", "ip_vs").Run() == nil {
			f, err = netlink.GenlFamilyGet(genlFamily)
		}
	}
	switch {
	case errors.Is(err, syscall.ENOENT):
		return 0, fmt.Errorf("%w: %w", ErrNoIPVS, err)
	case err != nil:
		return 0, err
	}
	return f.ID, nil
}

var mobyMu sync.Mutex

// openMoby keeps moby/ipvs quiet: the first handle of a process runs modprobe
// whether needed or not, and a missing modprobe would be reported on stderr.
func openMoby(path string) (*moby.Handle, error) {
	mobyMu.Lock()
	defer mobyMu.Unlock()
	out := logrus.StandardLogger().Out
	logrus.SetOutput(io.Discard)
	defer logrus.SetOutput(out)
	return moby.New(path)
}

func (k *kernel) Close() error {
	k.moby.Close()
	return k.conn.close()
}

func (k *kernel) Version() Version { return k.version }

func (k *kernel) readVersion() (Version, error) {
	replies, err := k.conn.ask(cmdGetInfo, false, nil)
	if err != nil {
		return Version{}, err
	}
	if len(replies) == 0 {
		return Version{}, errMalformed
	}
	return parseVersion(replies[0])
}

// Do sends runs of operations as one batch each. Between them comes what is
// not a request about one service.
func (k *kernel) Do(ops []Op) []error {
	var errs []error
	fail := func(i int, err error) {
		if errs == nil {
			errs = make([]error, len(ops))
		}
		var errno syscall.Errno
		if !errors.As(err, &errno) {
			errno = syscall.EIO
		}
		errs[i] = NewError(ops[i], errno)
	}
	for i := 0; i < len(ops); {
		n := 0
		for i+n < len(ops) && batched(ops[i+n]) {
			n++
		}
		if n == 0 {
			if err := k.doAlone(ops[i]); err != nil {
				fail(i, err)
			}
			i++
			continue
		}
		k.conn.batch(n, func(m message, j int, flags uint16, seq uint32) message {
			op := ops[i+j]
			m, start := m.begin(k.conn.family, requestOf[op.Kind], flags, seq)
			m = m.op(op)
			m.end(start)
			return m
		}, func(j int, err error) { fail(i+j, err) })
		i += n
	}
	return errs
}

var requestOf = [...]uint8{
	NewService: cmdNewService, SetService: cmdSetService, DelService: cmdDelService,
	NewDest: cmdNewDest, SetDest: cmdSetDest, DelDest: cmdDelDest,
}

// batched reports whether an operation may go into a batch. The kernel would
// take the firewall mark 0 for the address 0.0.0.0.
func batched(op Op) bool {
	return op.Kind != Flush && (!op.Key.IsFwmark() || op.Key.Fwmark != 0)
}

func (k *kernel) doAlone(op Op) error {
	if op.Kind == Flush {
		return k.moby.Flush()
	}
	return syscall.EINVAL
}

func (k *kernel) Table() (Table, error) {
	replies, err := k.conn.ask(cmdGetService, true, nil)
	if err != nil {
		return nil, fmt.Errorf("read ipvs services: %w", err)
	}
	t := make(Table, len(replies))
	for i, reply := range replies {
		if t[i], _, err = parseService(reply); err != nil {
			return nil, fmt.Errorf("read ipvs services: %w", err)
		}
	}
	for i := range t {
		err := k.destinations(t[i].Key, func(d Destination, _ Stats) {
			t[i].Destinations = append(t[i].Destinations, d)
		})
		if errors.Is(err, syscall.ESRCH) {
			continue // gone in the meantime
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (k *kernel) destinations(key ServiceKey, f func(Destination, Stats)) error {
	replies, err := k.conn.ask(cmdGetDest, true, func(m message) message { return m.serviceKey(key) })
	for _, reply := range replies {
		var d Destination
		var s Stats
		if d, s, err = parseDestination(reply, key.Family); err != nil {
			break
		}
		f(d, s)
	}
	if err != nil {
		return fmt.Errorf("read ipvs destinations of %s: %w", key, err)
	}
	return nil
}

func (k *kernel) Stats(key ServiceKey) (ServiceStats, error) {
	out := ServiceStats{Destinations: map[netip.AddrPort]Stats{}}
	replies, err := k.conn.ask(cmdGetService, false, func(m message) message { return m.serviceKey(key) })
	if err == nil && len(replies) == 0 {
		err = errMalformed
	}
	if err == nil {
		_, out.Stats, err = parseService(replies[0])
	}
	if err != nil {
		return out, fmt.Errorf("read ipvs service %s: %w", key, err)
	}
	return out, k.destinations(key, func(d Destination, s Stats) { out.Destinations[d.Key()] = s })
}

func (k *kernel) Zero(key *ServiceKey) error {
	return k.command(CmdZero, cmdZero, func(m message) message {
		if key == nil {
			return m
		}
		return m.serviceKey(*key)
	})
}

func (k *kernel) Timeouts() (Timeouts, error) {
	c, err := k.moby.GetConfig()
	if err != nil {
		return Timeouts{}, err
	}
	return Timeouts{TCP: c.TimeoutTCP, TCPFin: c.TimeoutTCPFin, UDP: c.TimeoutUDP}, nil
}

func (k *kernel) SetTimeouts(t Timeouts) error {
	return commandError(CmdTimeout, k.moby.SetConfig(&moby.Config{
		TimeoutTCP: t.TCP, TimeoutTCPFin: t.TCPFin, TimeoutUDP: t.UDP,
	}))
}

func (k *kernel) SyncDaemons() ([]SyncDaemon, error) {
	replies, err := k.conn.ask(cmdGetDaemon, true, nil)
	if err != nil {
		return nil, fmt.Errorf("read ipvs sync daemons: %w", err)
	}
	out := make([]SyncDaemon, len(replies))
	for i, reply := range replies {
		if out[i], err = parseSyncDaemon(reply); err != nil {
			return nil, fmt.Errorf("read ipvs sync daemons: %w", err)
		}
	}
	return out, nil
}

func (k *kernel) StartSyncDaemon(d SyncDaemon) error {
	return k.command(CmdStartDaemon, cmdNewDaemon, func(m message) message { return m.syncDaemon(d) })
}

func (k *kernel) StopSyncDaemon(role SyncDaemonRole) error {
	return k.command(CmdStopDaemon, cmdDelDaemon, func(m message) message { return m.syncDaemon(SyncDaemon{Role: role}) })
}

func (k *kernel) command(c Command, cmd uint8, body func(message) message) error {
	_, err := k.conn.ask(cmd, false, body)
	return commandError(c, err)
}

func commandError(c Command, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return &Error{Command: c, Errno: errno}
	}
	return err
}
