package preflight

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Host is the Machine that we run on.
type Host struct{ script.Host }

// Interfaces implements Machine. It needs no privilege.
func (Host) Interfaces() ([]Interface, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	list := make([]Interface, 0, len(links))
	byIndex := make(map[int]int, len(links))
	for _, l := range links {
		attrs := l.Attrs()
		i := Interface{
			Name:     attrs.Name,
			Loopback: attrs.Flags&net.FlagLoopback != 0, Multicast: attrs.Flags&net.FlagMulticast != 0,
		}
		if v, ok := l.(*netlink.Macvlan); ok {
			i.PrivateMACVLAN = v.Mode == netlink.MACVLAN_MODE_PRIVATE
		}
		i.VRF = l.Type() == netif.KindVRF
		byIndex[attrs.Index] = len(list)
		list = append(list, i)
	}
	addresses, err := netlink.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	for _, a := range addresses {
		n, found := byIndex[a.LinkIndex]
		ip, ok := netip.AddrFromSlice(a.IP)
		ones, _ := a.Mask.Size()
		if found && ok {
			list[n].Addresses = append(list[n].Addresses, netip.PrefixFrom(ip.Unmap(), ones))
		}
	}
	return list, nil
}

// CPUs implements Machine. What this process may run on now does not matter.
func (Host) CPUs() int {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return runtime.NumCPU()
	}
	n := 0
	for part := range strings.SplitSeq(strings.TrimSpace(string(text)), ",") {
		first, last, found := strings.Cut(part, "-")
		if !found {
			last = first
		}
		a, err1 := strconv.Atoi(first)
		b, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || b < a {
			return runtime.NumCPU()
		}
		n += b - a + 1
	}
	return n
}

// RoutingName implements Machine.
func (Host) RoutingName(g *config.VRRPGlobal, table iproute.Table, name string) bool {
	_, found := netif.ConfiguredNames(g).Number(table, name)
	return found
}

// lookupTime is how long an answer of the resolver is waited for.
const lookupTime = 5 * time.Second

// LookupHost implements Machine.
func (Host) LookupHost(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	_, err := net.DefaultResolver.LookupHost(ctx, name)
	var why *net.DNSError
	if errors.As(err, &why) {
		return errors.New(why.Err)
	}
	return err
}

// fileSystems are those that inotify or a daemon's writes do not work on, by
// the magic numbers of statfs(2).
var fileSystems = map[int64]string{
	unix.PROC_SUPER_MAGIC:    "proc",
	unix.SYSFS_MAGIC:         "sysfs",
	unix.NFS_SUPER_MAGIC:     "nfs",
	unix.CGROUP_SUPER_MAGIC:  "cgroup",
	unix.CGROUP2_SUPER_MAGIC: "cgroup2",
	unix.DEBUGFS_MAGIC:       "debugfs",
	unix.TRACEFS_MAGIC:       "tracefs",
	unix.FUSE_SUPER_MAGIC:    "fuse",
	unix.SMB_SUPER_MAGIC:     "smb",
	unix.SMB2_SUPER_MAGIC:    "smb2",
	unix.CIFS_SUPER_MAGIC:    "cifs",
	unix.AFS_SUPER_MAGIC:     "afs",
	unix.V9FS_MAGIC:          "9p",
}

// FileSystem implements Machine; a name of no concern here is "".
func (Host) FileSystem(path string) (string, bool, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return "", false, fmt.Errorf("statfs %s: %w", path, err)
	}
	return fileSystems[int64(st.Type)], st.Flags&unix.ST_RDONLY != 0, nil
}
