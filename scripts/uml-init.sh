#!/bin/bash
# The first process inside user-mode Linux, started by uml-exec. GKUML_DIR is
# the folder with the command; its exit status is left there.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null

# The folder of modules is shared with the machine outside; only the mount is
# ours.
mkdir -p /lib/modules
mount --bind /usr/lib/uml/modules /lib/modules
for module in \
	ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh \
	ip_vs_sh ip_vs_mh ip_vs_sed ip_vs_nq ip_vs_fo ip_vs_ovf ip_vs_twos \
	nf_conntrack ip_vs_pe_sip ipip fou nf_tables nft_chain_nat \
	veth dummy macvlan ipvlan bridge 8021q vrf tun
do
	modprobe -q "$module"
done
ip link set lo up
echo uml >/proc/sys/kernel/hostname

line=/dev/ttyS0
stty -F $line raw -echo
(
	. "$GKUML_DIR/command"
	exec "$@"
) <"/dev/null" >$line 2>&1
status=$?
# Nothing of the output may be lost: wait until the line is empty.
stty -F $line raw -echo
echo $status >"$GKUML_DIR/status"
sync
echo o >/proc/sysrq-trigger
sleep 5
halt -f
