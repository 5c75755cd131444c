// Package nstest builds small networks out of Linux network namespaces for
// tests that need a real kernel: namespaces, veth pairs, a bridge with hosts,
// captures of what is on the wire, and the real keepalived as a peer.
//
// Names of namespaces must start with "gk" and the name of the package under
// test ("gknet-a"), so that packages tested at the same time do not collide.
// Everything that is made is removed by t.Cleanup. Nothing here touches the
// namespace the test runs in.
package nstest
