// Package config holds the settings of one keepalived.conf: typed, with every
// default and inheritance applied, and never changed once confparse has made
// them. It parses nothing and reads nothing from the machine.
//
// A field is its keyword in Go spelling with short forms written out
// (advert_int is AdvertInterval); its comment gives unit, range and default.
// Every block embeds Block, which remembers where it stood and which keywords
// were written, so that later stages can point at the line.
//
// A field exists only if something outside confparse reads it. Keywords that
// are checked but not acted on have no field; their status is in confparse's
// keyword table.
package config
