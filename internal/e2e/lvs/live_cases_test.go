package lvs

import "fmt"

const (
	rr    = "protocol TCP; lvs_sched rr; lvs_method NAT"
	wlc   = "protocol TCP; lvs_sched wlc; lvs_method DR"
	sorry = "; sorry_server 10.9.0.99 80"
)

// three servers, up at the start.
var three = []server{"1 80; weight 3", "2 80; weight 2", "3 80"}

func group(lines string) string {
	return "virtual_server_group G {\n" + lines + "\n}"
}

// one is a configuration of one virtual server.
func one(name, head, lines string, servers ...server) live {
	return live{name: name, services: []service{{head, lines, servers}}}
}

func (l live) inCI() live { l.ci = true; return l }

func (l live) with(top string) live { l.top, l.thenTop = top, top; return l }

func (l live) to(services ...service) live { l.then = services; return l }

func (l live) except(why string, steps ...string) live {
	l.differs = map[string]string{}
	for _, step := range steps {
		l.differs[step] = why
	}
	return l
}

// liveCases go through section by section: forms of virtual servers,
// schedulers and flags, methods, other settings, groups, changes by reload.
func liveCases() []live {
	cases := []live{
		one("tcp", "10.9.1.1 80", rr, three...).inCI(),
		one("udp", "10.9.1.1 53", "protocol UDP; lvs_sched wrr; lvs_method NAT", "1 53", "2 5353; weight 9"),
		one("sctp", "10.9.1.1 3868", "protocol SCTP; lvs_sched lc; lvs_method NAT", "1 3868", "2 3869"),
		one("all-ports", "10.9.1.1 0", "protocol TCP; lvs_sched wrr; lvs_method DR; persistence_timeout 60", "1 0", "2 0"),
		one("six", "fd00:8::1 80", rr, "1/6 80", "2/6 8080; weight 4").inCI(),
		one("no-port-at-server", "10.9.1.1 80", "protocol TCP; lvs_sched rr; lvs_method NAT", "1", "2; weight 5"),
		one("fwmark", "fwmark 7", "lvs_sched wlc; lvs_method NAT", "1 8080", "2 8081; weight 3").inCI(),
		one("fwmark-dr", "fwmark 8", "lvs_sched wlc; lvs_method DR; persistence_timeout 30", "1", "2; weight 3"),
		one("fwmark-six", "fwmark 9", "lvs_sched rr; lvs_method NAT", "1/6 80", "2/6 81"),
		one("fwmark-tunnels-six", "fwmark 10", "ip_family inet6; lvs_sched rr; lvs_method TUN", "1/6", "2/6"),

		one("ops", "10.9.1.1 53", "protocol UDP; lvs_sched rr; ops; lvs_method NAT", "1 53", "2 53"),
		one("ops-fwmark", "fwmark 11", "lvs_sched rr; ops; lvs_method NAT", "1 53", "2 53"),
		one("ops-on-tcp", "10.9.1.1 80", "protocol TCP; lvs_sched rr; ops; lvs_method NAT", "1 80", "2 80"),
		one("sh-flags", "10.9.1.1 80", "protocol TCP; lvs_sched sh; sh-port; sh-fallback; lvs_method NAT", three...),
		one("mh-flags", "10.9.1.1 80", "protocol TCP; lvs_sched mh; mh-port; mh-fallback; lvs_method NAT", three...).inCI(),
		one("numbered-flags", "10.9.1.1 80", "protocol TCP; lvs_sched rr; flag-1; flag-2; flag-3; lvs_method NAT", three...),
		one("flags-of-another", "10.9.1.1 80", "protocol TCP; lvs_sched rr; sh-port; mh-fallback; lvs_method NAT", three...),
		one("flag-before-scheduler", "10.9.1.1 80", "protocol TCP; sh-port; lvs_sched sh; lvs_method NAT", three...),
		one("unknown-scheduler", "10.9.1.1 80", "protocol TCP; lvs_sched fastest; lvs_method NAT", three...),

		one("tunnels", "10.9.1.1 80", "protocol TCP; lvs_sched rr; lvs_method TUN", "1 80", "2 80; lvs_method TUN type gre csum",
			"3 80; lvs_method TUN type gue port 6080 remcsum").inCI(),
		one("methods-mixed", "10.9.1.1 80", "protocol TCP; lvs_sched wrr; lvs_method DR", "1 80", "2 8080; lvs_method NAT", "3 80; lvs_method TUN"),
		one("dr-other-port", "10.9.1.1 80", wlc, "1 8080", "2 80"),
		one("no-method", "10.9.1.1 80", "protocol TCP; lvs_sched rr", "1 80", "2 80"),
		one("families-mixed", "10.9.1.1 80", "protocol TCP; lvs_sched rr; lvs_method TUN", "1 80", "2/6 80", "3/6 80; weight 4").inCI(),
		one("families-mixed-six", "fd00:8::1 80", "protocol TCP; lvs_sched rr; lvs_method TUN", "1 80", "2/6 80"),
		one("families-refused", "10.9.1.1 80", rr, "1 80", "2/6 80; unchecked", "3 80"),

		one("persistence", "10.9.1.1 80", rr+"; persistence_timeout 77", three...).inCI(),
		one("persistence-default", "10.9.1.1 80", rr+"; persistence_timeout", three...),
		one("granularity", "10.9.1.1 80", rr+"; persistence_timeout 50; persistence_granularity 255.255.240.0", three...),
		one("granularity-alone", "10.9.1.1 80", rr+"; persistence_granularity 255.255.255.0", three...),
		one("granularity-six", "fd00:8::1 80", rr+"; persistence_timeout 50; persistence_granularity 64", "1/6 80", "2/6 80"),
		one("engine", "10.9.1.1 5060", "protocol UDP; lvs_sched rr; lvs_method NAT; persistence_timeout 50; persistence_engine sip", "1 5060", "2 5060"),

		one("sorry", "10.9.1.1 80", rr+sorry, three...).inCI(),
		one("sorry-inhibit", "10.9.1.1 80", rr+sorry+"; sorry_server_inhibit", three...),
		one("sorry-no-port", "10.9.1.1 80", rr+"; sorry_server 10.9.0.99", "1 80", "2 80"),
		one("sorry-dr", "10.9.1.1 80", rr+sorry+"; sorry_server_lvs_method DR", "1 80", "2 80"),
		one("sorry-is-a-server", "10.9.1.1 80", rr+"; sorry_server 10.9.0.13 80", three...),
		one("sorry-quorum", "10.9.1.1 80", rr+sorry+"; quorum 5; hysteresis 1", three...),
		one("inhibit", "10.9.1.1 80", rr, "1 80; inhibit_on_failure; weight 3", "2 80", "3 80; inhibit_on_failure").inCI(),
		one("inhibit-all", "10.9.1.1 80", rr+"; inhibit_on_failure", three...),
		one("inhibit-sorry", "10.9.1.1 80", rr+"; inhibit_on_failure"+sorry+"; sorry_server_inhibit", three...),
		one("alpha", "10.9.1.1 80", rr+"; alpha", three...),
		one("alpha-sorry", "10.9.1.1 80", rr+"; alpha"+sorry, three...).inCI(),
		one("alpha-omega-inhibit", "10.9.1.1 80", rr+"; alpha; omega; inhibit_on_failure", three...),
		one("hysteresis", "10.9.1.1 80", rr+sorry+"; quorum 3; hysteresis 2", three...).inCI(),
		one("quorum-too-high", "10.9.1.1 80", rr+sorry+"; quorum 50", three...),
		one("weights", "10.9.1.1 80", rr+sorry, "1 80; weight 0", "2 80; weight 65535", "3 80; weight 0"),
		one("weights-zero", "10.9.1.1 80", rr+sorry, "1 80; weight 0", "2 80; weight 0"),
		one("weight-of-service", "10.9.1.1 80", rr+"; weight 12", "1 80", "2 80; weight 3"),
		one("thresholds", "10.9.1.1 80", rr, "1 80; uthreshold 1000; lthreshold 10", "2 80; uthreshold 5", "3 80; lthreshold 3"),
		one("unchecked", "10.9.1.1 80", rr+sorry, "1 80", "2 80; unchecked"),
		one("twice-in-one", "10.9.1.1 80", rr, "1 80; weight 3", "1 80; weight 5; unchecked", "2 80"),
	}
	for i, scheduler := range []string{"rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq"} { // twos is in no kernel of Debian

		method := []string{"NAT", "DR", "TUN"}[i%3]
		cases = append(cases, one("scheduler-"+scheduler, "10.9.1.1 80",
			fmt.Sprintf("protocol TCP; lvs_sched %s; lvs_method %s", scheduler, method), three...))
	}
	return append(append(cases, groupCases()...), reloadCases()...)
}

func groupCases() []live {
	two := []server{"1 80; weight 3", "2 80"}
	mixed := []server{"1/6 80", "2 80"}
	return []live{
		one("group", "group G", rr, two...).with(group("10.9.1.1 80\n10.9.1.2 443\n10.9.1.3 8080")).inCI(),
		one("group-range", "group G", rr+sorry, two...).with(group("10.9.1.1-6 80\n10.9.2.3-10.9.2.9 81")),
		one("group-prefix", "group G", wlc, two...).with(group("10.9.1.16/29 80\n10.9.1.32/32 81")),
		one("group-range-six", "group G", rr, "1/6 80", "2/6 80").with(group("fd00:8::fe-102 80\nfd00:8::2:0/125 80")),
		one("group-all-ports", "group G", wlc+"; persistence_timeout 40", "1 0", "2 0").with(group("10.9.1.1\n10.9.1.2 0")),
		one("group-fwmark", "group G", "lvs_sched rr; lvs_method DR", two...).with(group("fwmark 5\nfwmark 6")),
		one("group-entries-and-marks", "group G", wlc+"; inhibit_on_failure", two...).with(group("10.9.1.1-2 80\nfwmark 5")),
		one("group-families", "group G", "protocol TCP; lvs_sched rr; lvs_method TUN", mixed...).with(group("10.9.1.1 80\nfd00:8::1 80")),
		live{name: "group-two-protocols", services: []service{{"group G", rr, two},
			{"group G", "protocol UDP; lvs_sched wrr; lvs_method NAT", []server{"2 53", "3 53"}}}}.with(group("10.9.1.1 53\n10.9.1.2-4 53")).inCI(),
		live{name: "group-two-protocols-mark", services: []service{{"group G", wlc, two},
			{"group G", "protocol UDP; lvs_sched wlc; lvs_method DR", two}}}.with(group("10.9.1.1 80\nfwmark 12")),
		one("group-granularity", "group G", rr+"; persistence_timeout 60", two...).with(group("10.9.1.1-2 80")).
			to(service{"group G", rr + "; persistence_timeout 60; persistence_granularity 255.255.0.0", two}).
			except("2.2.7 forgets persistence_granularity of a group (docs/design/04-ipvs-planning.md)", "reload", "one down after reload"),
		live{name: "group-entries-change", top: group("10.9.1.1-3 80\n10.9.1.9 80"), services: []service{{"group G", wlc, two}},
			then: []service{{"group G", wlc, two}}, thenTop: group("10.9.1.1-4 80\n10.9.1.9 80")}.
			except("2.2.7 leaves the services of a range that came by reload (docs/design/04-ipvs-planning.md)", "stop"),
		live{name: "group-marks-change", top: group("10.9.1.9 80\nfwmark 3"), services: []service{{"group G", wlc, two}},
			then: []service{{"group G", wlc, two}}, thenTop: group("10.9.1.9 80\nfwmark 4")}.
			except("2.2.7 leaves the service of a mark that went, and gives servers of a new mark the port 80 (docs/design/04-ipvs-planning.md)",
				"reload", "one down after reload", "stop"),
		live{name: "group-entry-and-server-go", top: group("10.9.1.1 80\n10.9.1.2 80"), services: []service{{"group G", wlc, three}},
			then: []service{{"group G", wlc, three[1:]}}, thenTop: group("10.9.1.2 80")}.
			except("2.2.7 stops at a request of its own that fails and leaves the entry's service behind (docs/design/04-ipvs-planning.md)",
				"reload", "one down after reload", "stop"),
	}
}

func reloadCases() []live {
	const at = "10.9.1.1 80"
	second := service{"10.9.1.2 80", wlc, three[:2]}
	first := service{at, rr + sorry, three}
	change := func(name, lines string) live {
		return one("reload-"+name, at, rr, three...).to(service{at, lines, three})
	}
	cases := []live{
		{name: "same-servers-twice", services: []service{first, second}, ci: true},
		{name: "reload-service-goes", services: []service{first, second}, then: []service{second}, ci: true},
		{name: "reload-service-comes", services: []service{first}, then: []service{second, first}},
		{name: "reload-order", services: []service{first, second}, then: []service{second, {at, rr, []server{three[2], three[0]}}}},
		change("scheduler", "protocol TCP; lvs_sched wlc; lvs_method NAT").inCI(),
		change("protocol", "protocol UDP; lvs_sched rr; lvs_method NAT"),
		change("method", "protocol TCP; lvs_sched rr; lvs_method TUN"),
		change("persistence-on", rr+"; persistence_timeout 60"),
		change("flags", "protocol TCP; lvs_sched sh; sh-port; lvs_method NAT"),
		change("sorry-comes", rr+sorry),
		change("inhibit", rr+"; inhibit_on_failure"),
		change("quorum-lost", rr+sorry+"; quorum 6; hysteresis 5"),
		one("reload-persistence-off", at, rr+"; persistence_timeout 60", three...).to(service{at, rr, three}),
		one("reload-sorry-goes", at, rr+sorry+"; sorry_server_inhibit", three...).to(service{at, rr, three}),
		one("reload-sorry-changes", at, rr+sorry+"; sorry_server_inhibit", three...).
			to(service{at, rr + "; sorry_server 10.9.0.98 80; sorry_server_inhibit", three}),
		one("reload-nothing", at, rr+sorry, three...).to(service{at, rr + sorry, three}),
		one("reload-weights", at, rr, three...).to(service{at, rr, []server{"1 80; weight 0", "2 80; weight 9", "3 80; weight 100000"}}),
		one("reload-thresholds", at, rr, three...).to(service{at, rr, []server{three[0] + "; uthreshold 50; lthreshold 5", three[1], three[2]}}).
			except("keepalived does not send changed thresholds (docs/compatibility.md)", "reload", "one down after reload"),
		{name: "reload-to-another-group", top: group("10.9.1.1 80") + "\n" + "virtual_server_group H {\n10.9.1.2 80\n}",
			services: []service{{"group G", rr, three}}, then: []service{{"group H", rr, three}},
			thenTop: group("10.9.1.1 80") + "\n" + "virtual_server_group H {\n10.9.1.2 80\n}"},
		live{name: "flush-on-stop", services: []service{first, second}}.with("global_defs {\nlvs_flush_on_stop\n}"),
		live{name: "flush-services-on-stop", services: []service{first, second}}.with("global_defs {\nlvs_flush\nlvs_flush_on_stop VS\n}"),
	}
	var many []service
	for i := range 20 {
		many = append(many, service{fmt.Sprintf("10.9.2.%d 80", 1+i), rr + sorry, three})
	}
	return append(cases, live{name: "many", services: many})
}
