// Package packages tests what make package builds: that the same sources give
// the same bytes, what the packages hold, and that the one for Debian takes the
// place of keepalived and gives it back, in a private copy of this machine.
package packages
