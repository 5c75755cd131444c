// Package archtest enforces what the architecture says about the pure
// packages: they get the time and events as arguments and return what is to be
// done. That is what makes them testable in simulated time and by random
// sequences, so no exception slips in unseen.
//
// The rules look at the syntax only; see rules.go. A pure package that is not
// there yet is skipped.
package archtest
