package daemon

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// usually is the percentage (GOGC) at which the collector runs.
const usually = 100

// collectRarely keeps the collector from running in a process that ends soon, or
// that reads files and collects afterwards: it would take a third of the time, and
// half of it on the only processor of a machine. What a usual file needs fits below
// the first collection, which is at 64 MiB or 17 times what is in use, and makes it
// collect as usual from then on. It returns how to undo it.
func collectRarely() (undo func()) {
	const percent = 1600
	before := debug.SetGCPercent(percent)
	undo = sync.OnceFunc(func() { debug.SetGCPercent(before) })
	runtime.AddCleanup(new([64]byte), func(undo func()) { undo() }, undo)
	return undo
}

// settle ends a start or a reload of the parent, when nobody waits any more. It
// frees what the reading left over and prepares for the next one or, with few
// servers, gives back what is not needed to sleep.
func (m *parent) settle() {
	m.logs.Flush(orderLimit)
	read := heapInUse()
	m.collectUsually()
	debug.SetGCPercent(usually)
	runtime.GC()
	if roleChecker.wanted(&m.opt, m.conf.Config) && m.conf.textSize() >= bigText {
		haveMemory(read)
	} else {
		giveBackCode()
	}
}

// bigText is how many bytes of a configuration with virtual servers make a parent
// keep its code and its memory: those of some thousand servers. Beside what these take
// it is little. Instances take less, and are fewer.
const bigText = 128 << 10

// collect frees what a reading of a child left over and prepares for the next one,
// which takes about as much as is in use. Only the checker process has that much, and
// others have better to do than to wait.
func (c *childProcess) collect() {
	if c.role != roleChecker {
		return
	}
	debug.SetGCPercent(usually)
	runtime.GC()
	if used := heapInUse(); used >= manyServers {
		haveMemory(used)
	}
}

// manyServers is the size of a heap, in bytes, from when on the next reading is
// prepared for: that of some thousand servers.
const manyServers = 4 << 20

// haveMemory gets memory for a reading that takes n bytes, because with thousands of
// servers that takes longer than the reading: a page that is touched for the first
// time costs 0.05 ms in user-mode Linux. It gets a quarter more, for not every gap will
// fit, in small pieces, so that they come from where the reading will take its own.
//
// The runtime keeps as much as was in use when it collected last, if its limit is what
// it was then. So the limit is set first, such that it need not collect in between, and
// the memory is there until it collects again, which it does every two minutes in a
// process that sleeps.
func haveMemory(n uint64) {
	const (
		piece = 8 << 10 // a page of the runtime
		least = 4 << 20 // the runtime's limit for a small heap at 100 %
	)
	n += n / 4
	debug.SetGCPercent(max(usually, int(150*n/max(heapInUse(), least))))
	list := make([]*[piece]byte, n/piece)
	for i := range list {
		p := new([piece]byte)
		for at := 0; at < piece; at += os.Getpagesize() {
			p[at] = 1
		}
		list[i] = p
	}
	runtime.KeepAlive(list)
	runtime.GC()
}

// heapInUse is how many bytes objects take, with those that are not collected yet.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
