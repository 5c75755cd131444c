package daemon

import (
	"os"
	"slices"
	"testing"
)

// TestGiveBackCode: most of the code is not resident afterwards, and the
// program goes on.
func TestGiveBackCode(t *testing.T) {
	program, err := os.Readlink(ownExecutable)
	if err != nil {
		t.Fatal(err)
	}
	resident := func() (sum int) {
		text, err := os.ReadFile("/proc/self/smaps")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codeMappings(text, program) {
			sum += m.resident
		}
		return sum
	}
	newTrial(t, "") // run through some code
	before := resident()
	giveBackCode()
	if after := resident(); after > before/2 {
		t.Errorf("%d KiB of code were resident, %d are", before, after)
	}
}

// TestCodeMappings: what has pages of its own, and what may be written, must
// not be given back.
func TestCodeMappings(t *testing.T) {
	const smaps = `00400000-00ab6000 r-xp 00000000 fe:00 131 /usr/sbin/gokeepalived
Size:               6872 kB
Rss:                5872 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00ab6000-011f0000 r--p 006b6000 fe:00 131 /usr/sbin/gokeepalived
Rss:                4904 kB
Anonymous:             4 kB
011f0000-01247000 rw-p 00df0000 fe:00 131 /usr/sbin/gokeepalived
Rss:                 284 kB
Anonymous:             0 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Rss:                2000 kB
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 9 /usr/lib/other.so
Rss:                   4 kB
Anonymous:             0 kB
7fff00000000-7fff00001000 r-xp 00000000 00:00 0 [vdso]
Rss:                   4 kB
Anonymous:             0 kB
`
	want := []mapping{{0x400000, 0xab6000, 5872}}
	if got := codeMappings([]byte(smaps), "/usr/sbin/gokeepalived"); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}
