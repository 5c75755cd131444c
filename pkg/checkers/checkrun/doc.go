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
// else reaches it through the mailbox. Results that arrive together are one
// change of the table. Checks only wait for one another when there are more of
// them than descriptors (slots.go): a TCP_CHECK costs one in the pool, any other
// kind a goroutine too.
package checkrun
