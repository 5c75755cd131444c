// Package mib holds the objects that managers see: KEEPALIVED-MIB, VRRP-MIB
// (RFC 2787) and VRRPv3-MIB (RFC 6527), as data. Each object is one entry with
// its number, name, syntax, description and a function that reads it from a
// row; each table says how its rows come out of a View, the state of one
// process at one moment. From the same entries come the answers to Get and
// GetNext and the text of the MIB file.
//
// The package is pure: who takes snapshots, talks to the master agent and
// carries out a Set is package snmp.
package mib
