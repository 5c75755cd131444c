package daemon

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// fullStory is an instance whose priority follows a file, and says so.
const fullStory = `track_file level {
	file DIR/level
	weight 1
}
vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	priority 100
	advert_int 0.1
	notify_priority_changes true
	track_file {
		level
	}
	virtual_ipaddress {
		10.9.0.100/24
	}
}
`

// TestFullFIFOAgainstKeepalived: nobody reads the FIFO. What it took stays,
// oldest first, what comes when it is full is lost, nothing waits, and once
// it is read it takes lines again: keepalived and we alike, to the byte. Only
// we say that lines were lost.
func TestFullFIFOAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	var theirs, ours fullFIFO
	t.Run("stories", func(t *testing.T) {
		t.Run("keepalived", func(t *testing.T) {
			t.Parallel()
			theirs = tellFull(t, "gkdmn-full0", true)
		})
		t.Run("ours", func(t *testing.T) {
			t.Parallel()
			ours = tellFull(t, "gkdmn-full1", false)
		})
	})
	if theirs.kept == "" || ours.kept == "" {
		t.Skip("a story did not come to its end; see there")
	}
	if ours.kept != theirs.kept {
		t.Errorf("kept by keepalived:\n%s\nkept by us:\n%s", theirs.kept, ours.kept)
	}
	if ours.later != theirs.later {
		t.Errorf("later from keepalived:\n%s\nlater from us:\n%s", theirs.later, ours.later)
	}
	if len(theirs.said) != 0 {
		t.Errorf("keepalived says %q", theirs.said)
	}
	lost := fullChanges + 2 - strings.Count(ours.kept, "\n")
	if lost < 10 {
		t.Errorf("only %d lines were lost", lost)
	}
	want := []string{
		"vrrp_notify fifo DIR/fifo is full, its reader is too slow: 1 lines dropped",
		fmt.Sprintf("vrrp_notify fifo DIR/fifo is full, its reader is too slow: %d lines dropped", lost-1),
	}
	if !slices.Equal(ours.said, want) {
		t.Errorf("we say %q, want %q", ours.said, want)
	}
}

// fullFIFO is what became of the lines of a story.
type fullFIFO struct {
	kept, later string
	said        []string // about the FIFO, in the log
}

// fullChanges of the priority are more than a FIFO of one page takes.
const fullChanges = 150

func tellFull(t *testing.T, name string, keepalived bool) fullFIFO {
	t.Helper()
	ns := newNetwork(t, name)
	r := newTrial(t, "")
	if keepalived {
		r.program = "keepalived"
	}
	r.env = append(r.env, fakeVariable+"="+realEngines)
	r.configure(globals("script_user root", "max_auto_priority -1", "vrrp_notify_fifo "+r.path("fifo")) + strings.ReplaceAll(fullStory, "DIR", r.dir))
	r.write("level", "0\n")
	if err := syscall.Mkfifo(r.path("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(r.path("fifo"), unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if size, err := unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, 4096); err != nil || size != 4096 {
		t.Skipf("a FIFO of one page: %d, %v", size, err)
	}
	ns.Do(func() { r.run("-D") })
	r.await("(VI_1) Entering MASTER STATE")
	change := func(i int) {
		// In place: the file is watched by its inode's events.
		if err := os.WriteFile(r.path("level"), fmt.Appendln(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
		r.await(fmt.Sprintf("(VI_1) Changing effective priority from %d to %d", 99+i, 100+i))
	}
	for i := range fullChanges {
		change(1 + i)
	}
	// The last lines may be on their way still; all of them find it full.
	time.Sleep(500 * time.Millisecond)
	kept := drain(fd)
	change(1 + fullChanges)
	r.signal(syscall.SIGTERM)
	r.wait()
	out := fullFIFO{kept: kept, later: drain(fd)}
	for _, l := range r.normal(r.lines()) {
		if strings.Contains(l, "fifo") && !strings.HasPrefix(l, "Command line") {
			out.said = append(out.said, l)
		}
	}
	return out
}

// drain reads what waits in a FIFO.
func drain(fd int) string {
	b := make([]byte, 64<<10)
	n, err := unix.Read(fd, b)
	if err != nil {
		return err.Error()
	}
	return string(b[:n])
}
