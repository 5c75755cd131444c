package checkrun

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// defaultNamespace is the network namespace of the machine itself.
const defaultNamespace = "/proc/1/ns/net"

// openKernel is the OpenKernel of a real machine: the IPVS of our own network
// namespace, or of net_namespace_ipvs.
func openKernel(g *config.Global) (ipvs.Kernel, error) {
	name := ""
	if g.NetNamespaceIPVS != nil {
		name = *g.NetNamespaceIPVS
		if name == "" {
			name = defaultNamespace
		}
	}
	return ipvs.Open(name)
}
