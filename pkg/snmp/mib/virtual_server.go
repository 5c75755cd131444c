package mib

import "github.com/gokeepalived/gokeepalived/pkg/config"

var (
	virtualServerOID = checkOID.Append(3)
	realServerOID    = checkOID.Append(4)
)

func serverType(vs *config.VirtualServer) Value {
	switch {
	case vs.IsFwmark:
		return integer(1)
	case vs.Group != "":
		return integer(3)
	}
	return integer(2)
}

func protocol(vs *config.VirtualServer) Value {
	switch vs.Protocol {
	case config.TCP:
		return integer(1)
	case config.UDP:
		return integer(2)
	case config.SCTP:
		return integer(3)
	case config.ProtocolNone:
	}
	return integer(4)
}
