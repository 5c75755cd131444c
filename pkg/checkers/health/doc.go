// Package health decides which real servers are in service. It is a pure
// core: Step takes one event and the time and returns what is to be done;
// Deadline says when it wants to be called again. It has no clock, no socket
// and no goroutine, and its randomness is passed in.
//
//	Start, Reload, Stop ──┐                          ┌── StartProbe, CancelProbe
//	Result of a probe ────┤                          ├── Program (IPVS table)
//	AddressAdded/Removed ─┼──> Engine.Step(now) ─────┼── Log
//	FileValue, BFDState ──┤         │                ├── Emit (event.Event)
//	Timer ────────────────┤         v                └── Finished
//	ProgramFailed ────────┘   Engine.Deadline()
//
// Glossary: a checker is one TCP_CHECK, HTTP_GET... block; it is failed or
// not. A real server is up when none of its checkers is failed. A virtual
// server holds its quorum while the live weight (the weights of the servers
// that are up) is high enough; without quorum its sorry server takes over.
// A server that is inhibited stays in the table with weight 0 while it is
// down.
//
// What the table should hold is a function of that state alone (see want.go);
// a transition changes the state, asks for the table once, and announces
// itself only if the kernel took it. If it did not, the transition is undone
// and the next check tries again.
package health
