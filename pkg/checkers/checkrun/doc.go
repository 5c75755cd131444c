// Package checkrun drives the checker engine: it runs the probes, carries out
// what the health core decides, and owns the kernel's IPVS table.
//
//	                 mailbox                      ipvs.Programmer --> kernel
//	Pool (TCP) ─────────┐                            ^
//	probe goroutines ───┤                            │ Program
//	tracked files ──────┼──> loop: health.Engine.Step ──> event.Sink, log
//	addresses (netlink)─┤       ^         │
//	Reload, Snapshot, ──┘       │         └── StartProbe --> Pool, goroutines
//	Post                     deadline
//
// One goroutine, that of Run, owns the health core and the kernel; everything
// else reaches it through the mailbox. Checks never wait for one another: a
// TCP_CHECK costs a descriptor in the pool, any other kind a goroutine.
package checkrun
