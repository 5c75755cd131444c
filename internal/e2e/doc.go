// Package e2e runs whole daemons on small machines and compares what the
// outside sees of them with what it sees of the real keepalived.
//
// A Host is a set of namespaces (network, processes, mounts, host name) with
// its own /run and /etc/keepalived, so that a configuration runs unchanged:
// default paths, pidof and killall see one machine only.
//
//	   lb1              lb2            rs1 ...
//	    | eth0           | eth0         | eth0
//	----+----------------+--------------+---- port per host
//	              bridge on the Switch        every frame that enters a port
//	                                          is captured with its sender
//
// A Lab is hosts, configurations and steps; a step acts and then says who must
// be master. After each step the observation is taken: addresses, adverts
// (byte for byte, but for the IP id), gratuitous ARPs, calls of scripts, mails
// and the IPVS table. The real keepalived on all nodes gives the expectation;
// ours alone and both mixed pairs must give the same.
package e2e
