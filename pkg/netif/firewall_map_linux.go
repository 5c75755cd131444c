package netif

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/userdata"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Types of set data and byte orders as nft(8) knows them.
const (
	nftTypeIfindex   = 20
	nftHostByteOrder = 1
)

// addIndexMap makes an empty map from interface to interface in a table that
// exists. The library can do it too, but says nothing about the byte order of
// the values, so that nft(8) would list numbers instead of names.
func addIndexMap(table *nftables.Table, name string) (*nftables.Set, error) {
	c, err := openConn(unix.NETLINK_NETFILTER, 0, false)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var order []byte
	order = userdata.AppendUint32(order, userdata.NFTNL_UDATA_SET_KEYBYTEORDER, nftHostByteOrder)
	order = userdata.AppendUint32(order, userdata.NFTNL_UDATA_SET_DATABYTEORDER, nftHostByteOrder)
	be := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

	req := nl.NewNetlinkRequest(unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWSET, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	req.AddData(&nl.Nfgenmsg{NfgenFamily: uint8(table.Family)})
	for _, a := range []struct {
		typ  int
		data []byte
	}{
		{unix.NFTA_SET_TABLE, nl.ZeroTerminated(table.Name)},
		{unix.NFTA_SET_NAME, nl.ZeroTerminated(name)},
		{unix.NFTA_SET_FLAGS, be(unix.NFT_SET_MAP)},
		{unix.NFTA_SET_KEY_TYPE, be(nftTypeIfindex)},
		{unix.NFTA_SET_KEY_LEN, be(4)},
		{unix.NFTA_SET_DATA_TYPE, be(nftTypeIfindex)},
		{unix.NFTA_SET_DATA_LEN, be(4)},
		{unix.NFTA_SET_ID, be(1)},
		{unix.NFTA_SET_USERDATA, order},
	} {
		req.AddData(nl.NewRtAttr(a.typ, a.data))
	}
	if err := c.transaction(req); err != nil {
		return nil, fmt.Errorf("nftables: map %s: %w", name, err)
	}
	return &nftables.Set{Table: table, Name: name, IsMap: true,
		KeyType: nftables.TypeIFIndex, DataType: nftables.TypeIFIndex}, nil
}

// transaction sends one nftables request in a batch of its own.
func (c *conn) transaction(req *nl.NetlinkRequest) error {
	c.seq++
	req.Seq = c.seq
	edge := func(typ int) []byte {
		r := nl.NewNetlinkRequest(typ, 0)
		// The subsystem in network order.
		r.AddData(&nl.Nfgenmsg{ResId: hostOrder(unix.NFNL_SUBSYS_NFTABLES)})
		return r.Serialize()
	}
	b := edge(unix.NFNL_MSG_BATCH_BEGIN)
	b = append(b, req.Serialize()...)
	b = append(b, edge(unix.NFNL_MSG_BATCH_END)...)
	if err := unix.Sendto(c.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	for {
		n, err := c.receive()
		if err != nil {
			return err
		}
		for h, data := range messages(c.buf[:n]) {
			if h.Type == unix.NLMSG_ERROR && h.Seq == req.Seq {
				return answerError(req, h, data)
			}
		}
	}
}
