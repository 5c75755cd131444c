package daemon

import (
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// checkerStory is a pool with three kinds of checkers, one with a sorry
// server, and one that follows a BFD session.
const checkerStory = `bfd_instance own {
	neighbor_ip 10.9.0.2
	source_ip 10.9.0.1
	min_tx 1000
	min_rx 1000
	multiplier 20
}
virtual_server 10.9.1.3 80 {
	protocol TCP
	lvs_sched rr
	lvs_method NAT
	alpha
	real_server 127.0.0.1 8085 {
		BFD_CHECK {
			name own
		}
	}
}
virtual_server 10.9.1.1 80 {
	protocol TCP
	lvs_sched rr
	lvs_method NAT
	delay_loop 1
	real_server 127.0.0.1 8081 {
		TCP_CHECK {
			connect_timeout 1
			warmup 0
			retry 0
		}
	}
	real_server 127.0.0.1 8082 {
		TCP_CHECK {
			connect_timeout 1
			warmup 0
			retry 0
		}
	}
	real_server 127.0.0.1 8083 {
		MISC_CHECK {
			misc_path "/usr/bin/test -e DIR/good"
			misc_timeout 1
			warmup 0
		}
	}
}
virtual_server 10.9.1.2 80 {
	protocol TCP
	lvs_sched rr
	lvs_method NAT
	delay_loop 1
	sorry_server 127.0.0.1 8090
	real_server 127.0.0.1 8084 {
		weight 2
		TCP_CHECK {
			connect_timeout 1
			warmup 0
			retry 0
		}
	}
}
`

// bfdNeighbor is the other end of that session. keepalived wants an instance
// that follows it.
const bfdNeighbor = `bfd_instance own {
	neighbor_ip 10.9.0.1
	source_ip 10.9.0.2
	min_tx 1000
	min_rx 1000
	multiplier 20
}
vrrp_instance neighbor {
	interface eth1
	virtual_router_id 9
	virtual_ipaddress {
		10.9.0.200
	}
	track_bfd {
		own
	}
}
`

// TestCheckerLogAgainstKeepalived tells a story of servers to keepalived and
// to us and compares the lines: all of them, and for each server their order.
// They differ in nothing but versions.
func TestCheckerLogAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "ipvs", "keepalived")
	theirs := tellServers(t, "gkdmn-chk0", true)
	ours := tellServers(t, "gkdmn-chk1", false)
	compareLogs(t, "keepalived", theirs.lines, ours.lines, append(slices.Clone(theirVersion), logDifference{
		"Reload finished in ", "of the BFD process alone", true,
	}), true)
	compareLogs(t, "ours", ours.lines, theirs.lines, ourVersion, true)
	compareLabels(t, theirs.labels, ours.labels)
	for _, port := range []string{"8081", "8082", "8083", "8084", "8085"} {
		about := func(list []string) []string {
			// keepalived activates all checkers anew at a reload; ours go on.
			return slices.DeleteFunc(slices.Clone(list), func(l string) bool {
				return !strings.Contains(l, "tcp:"+port) || strings.HasPrefix(l, "Activating ")
			})
		}
		if a, b := about(theirs.lines), about(ours.lines); !slices.Equal(a, b) {
			t.Errorf("course of port %s\nkeepalived: %s\n      ours: %s", port, strings.Join(a, " | "), strings.Join(b, " | "))
		}
	}
}

// tellServers runs the story.
func tellServers(t *testing.T, name string, keepalived bool) toldLog {
	ns, neighbor := nstest.New(t, name), nstest.New(t, name+"-bfd")
	nstest.Veth(t, ns, "eth0", neighbor, "eth1")
	ns.Up("eth0")
	neighbor.Up("eth1")
	ns.AddAddress("eth0", "10.9.0.1/24")
	neighbor.AddAddress("eth1", "10.9.0.2/24")
	listen := func(port string) {
		var l net.Listener
		var err error
		ns.Do(func() { l, err = net.Listen("tcp", "127.0.0.1:"+port) })
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		}()
		t.Cleanup(func() { l.Close() })
	}
	listen("8081")
	r := newTrial(t, "")
	r.withSystemLog()
	if keepalived {
		r.program = "keepalived"
	}
	r.env = append(r.env, fakeVariable+"="+realEngines)
	configuration := globals("script_user root", "max_auto_priority -1") + strings.ReplaceAll(checkerStory, "DIR", r.dir)
	r.configure(configuration)
	r.write("good", "")
	ns.Do(func() { r.run("-D") })
	// Only now, or it is chance whether the checkers still hear that the
	// session is down at first.
	r.await("BFD check of [own] RS([127.0.0.1]:tcp:8085) is DOWN")
	neighbor.Keepalived(bfdNeighbor)
	r.await("Removing service [127.0.0.1]:tcp:8082 from VS [10.9.1.1]:tcp:80")
	r.await("Removing service [127.0.0.1]:tcp:8084 from VS [10.9.1.2]:tcp:80")
	listen("8082")
	r.await("Adding service [127.0.0.1]:tcp:8082 to VS [10.9.1.1]:tcp:80")
	if err := syscall.Unlink(r.path("good")); err != nil {
		t.Fatal(err)
	}
	r.await("Removing service [127.0.0.1]:tcp:8083 from VS [10.9.1.1]:tcp:80")
	r.write("good", "")
	r.await("Adding service [127.0.0.1]:tcp:8083 to VS [10.9.1.1]:tcp:80")
	listen("8084")
	r.await("Adding service [127.0.0.1]:tcp:8084 to VS [10.9.1.2]:tcp:80")
	r.await("BFD check of [own] RS([127.0.0.1]:tcp:8085) is UP")
	i := strings.Index(configuration, "\treal_server 127.0.0.1 8083")
	r.configure(configuration[:i] + configuration[strings.Index(configuration, "}\nvirtual_server 10.9.1.2"):])
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	r.await("127.0.0.1]:tcp:8083 no longer exist")
	if keepalived { // its BFD process overlooks a stop that comes while it reloads
		r.await("Reload finished in ")
	}
	r.signal(syscall.SIGTERM)
	r.wait()
	return r.toldLog()
}
