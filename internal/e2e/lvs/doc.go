// Package lvs runs whole daemons as load balancers on a kernel with IPVS.
//
// TestLive gives one configuration to the real keepalived and to ours, each in
// a namespace of its own, lets servers die and come back, reloads and stops,
// and compares the tables after each step.
//
//	+-- gklvsKEEPALIVED --+   +----- gklvsOURS -----+
//	| keepalived          |   | gokeepalived        |
//	|  | checks    ip_vs  |   |  | checks    ip_vs  |
//	|  v                  |   |  v                  |
//	| lb0: 10.9.0.11...   |   | lb0: 10.9.0.11...   |   a server is up while the
//	+---------------------+   +---------------------+   test listens there
//
// TestRandomLives does so with random configurations, in random order.
// TestTraffic sends traffic through a balancer while servers die and
// configurations change.
package lvs
