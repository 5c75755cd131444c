package daemon

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"golang.org/x/sys/unix"
)

// need is a capability that an engine cannot do without.
type need struct {
	capability    int
	name, purpose string
}

// vrrpNeeds are those of the VRRP engine. A master that cannot set its
// addresses would keep others from having them.
func vrrpNeeds(c *config.Config) (list []need) {
	if len(c.Instances) > 0 {
		list = append(list, need{unix.CAP_NET_RAW, "NET_RAW", "the sockets of VRRP"})
	}
	admin := len(c.StaticAddresses)+len(c.StaticRoutes)+len(c.StaticRules) > 0
	for _, i := range c.Instances {
		admin = admin || i.VMAC != nil || len(i.VirtualAddresses)+len(i.ExcludedAddresses)+len(i.Routes)+len(i.Rules) > 0
	}
	if admin {
		list = append(list, need{unix.CAP_NET_ADMIN, "NET_ADMIN", "addresses, routes and rules"})
	}
	return list
}

// checkerNeeds are those of the checker engine.
func checkerNeeds(*config.Config) []need {
	return []need{{unix.CAP_NET_ADMIN, "NET_ADMIN", "the IPVS table"}}
}

// capable reports which of them this process lacks, as an error of permission.
func capable(list []need) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return nil // the kernel will say
	}
	for _, n := range list {
		if data[n.capability/32].Effective&(1<<(n.capability%32)) == 0 {
			return fmt.Errorf("the capability %s is missing, for %s: %w", n.name, n.purpose, unix.EPERM)
		}
	}
	return nil
}
