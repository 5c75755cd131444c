package preflight

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Machine is the host as far as a configuration depends on it.
type Machine interface {
	script.Machine
	// Interfaces are those of the network namespace that we are in.
	Interfaces() ([]Interface, error)
	// FileSystem is the type of the file system that path is on, by name,
	// and whether it is mounted read-only.
	FileSystem(path string) (name string, readOnly bool, err error)
	// CPUs is how many processors are online.
	CPUs() int
	// RoutingName reports whether one of iproute2's tables has the name, with
	// the folders that g may put in the place of the usual ones.
	RoutingName(g *config.VRRPGlobal, table iproute.Table, name string) bool
	// LookupHost finds out whether a host name has an address, within a few
	// seconds.
	LookupHost(name string) error
}

// Interface is one network interface.
type Interface struct {
	Name      string
	Loopback  bool
	Multicast bool
	// PrivateMACVLAN is what use_vmac creates, and may take over.
	PrivateMACVLAN bool
	VRF            bool
	// Addresses have the length of their subnet.
	Addresses []netip.Prefix
}
