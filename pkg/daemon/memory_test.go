package daemon

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestHaveMemory: objects of all sizes find memory that the process has already.
func TestHaveMemory(t *testing.T) {
	const size, largest = 32 << 20, 64 << 10
	t.Cleanup(func() { debug.SetGCPercent(usually) })
	has := func() int {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapSys - m.HeapReleased)
	}
	debug.FreeOSMemory()
	haveMemory(size)
	before := has()
	var keep [][]byte
	for got := 0; got < size; {
		for n := 64; n <= largest; n *= 2 {
			keep = append(keep, make([]byte, n))
			got += n
		}
	}
	if more := has() - before; more > size/4 {
		t.Errorf("%d objects, %d MiB, took %d KiB more", len(keep), size>>20, more>>10)
	}
	runtime.KeepAlive(keep)
}

// TestCollectRarely: it ends when undone or at a collection, and only once.
func TestCollectRarely(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(usually)
		debug.SetGCPercent(p)
		return p
	}
	debug.SetGCPercent(usually + 1)
	t.Cleanup(func() { debug.SetGCPercent(usually) })
	undo := collectRarely()
	if now := percent(); now <= usually+1 {
		t.Errorf("not in force: %d %%", now)
	}
	undo()
	if now := percent(); now != usually+1 {
		t.Errorf("undone: %d %%", now)
	}
	undo = collectRarely()
	for end := time.Now().Add(time.Minute); percent() != usually+1; time.Sleep(time.Millisecond) {
		if runtime.GC(); time.Now().After(end) {
			t.Fatalf("after a collection: %d %%", percent())
		}
	}
	debug.SetGCPercent(usually)
	undo()
	if now := percent(); now != usually {
		t.Errorf("undone twice: %d %%", now)
	}
}
