// Package scenario runs several VRRP engines on a simulated link, in simulated
// time, and prints what they do. Tests write a few commands and keep the whole
// trace as the expectation, so that a change of behaviour is a readable diff.
//
//	router a, b, c ...        one engine each, with interfaces of its own
//	      |   |   |
//	  ----+---+---+----       a segment per interface name, which can lose,
//	                          delay and duplicate packets and be cut in two
//
// The driver's part is done by Router: it carries out actions, reports
// addresses back as the kernel does, and makes VMACs appear.
package scenario
