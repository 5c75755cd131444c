package track

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func TestFileNumber(t *testing.T) {
	tests := map[string]struct {
		value  int
		digits string // of a number that is refused
	}{
		"":                           {},
		"\n":                         {},
		"text":                       {},
		"5":                          {value: 5},
		"5\n":                        {value: 5},
		" \t\r\n\v\f-12x":            {value: -12},
		"+7 apples":                  {value: 7},
		"--7":                        {},
		"- 7":                        {},
		"010":                        {value: 8},
		"08":                         {value: 0},
		"0":                          {value: 0},
		"0x1F":                       {value: 31},
		"0X1f":                       {value: 31},
		"-0x10":                      {value: -16},
		"0x":                         {value: 0},
		"0xg":                        {value: 0},
		"1e3":                        {value: 1},
		"2147483647":                 {value: 2147483647},
		"-2147483648":                {value: -2147483648},
		"2147483648":                 {digits: "2147483648"},
		"-2147483649":                {digits: "-2147483649"},
		"0xffffffff":                 {digits: "0xffffffff"},
		"99999999999999999999999999": {digits: "99999999999999999999999999"},
	}
	for text, want := range tests {
		value, digits, ok := fileNumber([]byte(text))
		if ok != (want.digits == "") || value != want.value || !ok && digits != want.digits {
			t.Errorf("%q: got %d, %q, %v; want %+v", text, value, digits, ok, want)
		}
	}
}

func FuzzFileNumber(f *testing.F) {
	for _, s := range []string{"", "-0x7fffffff", "017", " 2147483648", "0x", "+"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, digits, ok := fileNumber(text)
		if int(int32(value)) != value {
			t.Errorf("%q gives %d", text, value)
		}
		if !ok && digits == "" {
			t.Errorf("%q is refused without a reason", text)
		}
		if !bytes.Contains(text, []byte(digits)) {
			t.Errorf("%q is not in %q", digits, text)
		}
		// What is read back is the same.
		if again, _, _ := fileNumber(fmt.Append(nil, value)); again != value {
			t.Errorf("%q: %d reads as %d", text, value, again)
		}
	})
}

func FuzzNotifications(f *testing.F) {
	event := binary.NativeEndian.AppendUint32(nil, 1)
	event = binary.NativeEndian.AppendUint32(event, unix.IN_CLOSE_WRITE)
	event = binary.NativeEndian.AppendUint32(event, 0)
	event = binary.NativeEndian.AppendUint32(event, 4)
	event = append(event, "abc\x00"...)
	f.Add(event)
	f.Add(append(event, event[:17]...))
	f.Fuzz(func(t *testing.T, buf []byte) {
		for _, n := range notifications(buf) {
			if len(n.name) > len(buf) {
				t.Errorf("name of %d bytes from %d", len(n.name), len(buf))
			}
		}
	})
}

// fileTest is a Files whose changes can be waited for.
type fileTest struct {
	t       *testing.T
	dir     string
	files   *Files
	changes chan FileValue
	diary   *diary
	count   int
}

func newFileTest(t *testing.T) *fileTest {
	f := &fileTest{t: t, dir: t.TempDir(), changes: make(chan FileValue, 100), diary: newDiary()}
	f.files = NewFiles(FileOptions{Log: f.diary.logger(), Changed: func(v FileValue) { f.changes <- v }})
	f.files.every = 50 * time.Millisecond
	t.Cleanup(f.files.Stop)
	return f
}

func (f *fileTest) path(name string) string { return filepath.Join(f.dir, name) }

func (f *fileTest) block(name string) *config.TrackFile {
	return &config.TrackFile{Name: name, Path: f.path(name)}
}

func (f *fileTest) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(f.path(name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fileTest) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// wants the next change.
func (f *fileTest) wants(name string, value int) {
	f.t.Helper()
	select {
	case got := <-f.changes:
		if want := (FileValue{name, value}); got != want {
			f.t.Fatalf("got %+v, want %+v", got, want)
		}
	case <-time.After(10 * time.Second):
		f.t.Fatalf("no change, want %s = %d", name, value)
	}
}

// settled returns when everything written so far has been noticed, by way of
// one more file. No other change may come meanwhile.
func (f *fileTest) settled() {
	f.t.Helper()
	f.count++
	f.write("sync.tmp", fmt.Sprint(f.count))
	f.must(os.Rename(f.path("sync.tmp"), f.path("sync")))
	f.wants("sync", f.count)
}

func TestFiles(t *testing.T) {
	f := newFileTest(t)
	f.write("a", "5\n")
	got := f.files.Start([]*config.TrackFile{f.block("a"), f.block("b"), f.block("sync")})
	if want := []FileValue{{"a", 5}, {"b", 0}, {"sync", 0}}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("at start %v, want %v", got, want)
	}
	f.write("a", "-7")
	f.wants("a", -7)
	f.must(os.WriteFile(f.path("new"), []byte("-7 again"), 0o644))
	f.must(os.Rename(f.path("new"), f.path("a"))) // no change
	f.write("other", "9")                         // nobody's
	f.settled()
	f.must(os.WriteFile(f.path("new"), []byte("99999999999"), 0o644))
	f.must(os.Rename(f.path("new"), f.path("a"))) // refused
	f.settled()
	f.write("a", "0x10")
	f.wants("a", 16)
	f.write("b.tmp", "3")
	f.must(os.Rename(f.path("b.tmp"), f.path("b")))
	f.wants("b", 3)
	f.must(os.Rename(f.path("b"), f.path("c")))
	f.wants("b", 0)
	f.must(os.Link(f.path("c"), f.path("b")))
	f.wants("b", 3)
	f.must(os.Remove(f.path("a")))
	f.wants("a", 0)
	// A write without close is not a change yet.
	open, err := os.Create(f.path("a"))
	f.must(err)
	_, err = open.WriteString("1")
	f.must(err)
	_, err = open.WriteString("2")
	f.must(err)
	f.must(open.Close())
	f.wants("a", 12)
	f.must(os.Remove(f.path("a")))
	f.wants("a", 0)
	f.must(unix.Mkfifo(f.path("a"), 0o600)) // reads as nothing, and doesn't hang
	f.must(os.Remove(f.path("a")))
	f.must(os.Mkdir(f.path("a"), 0o700))
	f.must(os.Remove(f.path("a")))
	f.must(os.Symlink("a", f.path("a"))) // to itself
	f.must(os.Remove(f.path("a")))
	f.must(os.WriteFile(f.path("new"), bytes.Repeat([]byte{0xff, 0, '7'}, 1<<16), 0o644))
	f.must(os.Truncate(f.path("new"), 1<<40)) // a terabyte
	f.must(os.Rename(f.path("new"), f.path("a")))
	f.must(os.Remove(f.path("a")))
	f.write("b", "4")
	f.wants("b", 4)
	found := 0
	for _, line := range f.diary.take() {
		_, text, _ := bytes.Cut([]byte(line), []byte(" log "))
		if string(text) == "Invalid number 99999999999 read from "+f.path("a")+" - ignoring" {
			found++
		}
	}
	if found == 0 {
		t.Error("the number that is too large was not reported")
	}
}

func TestFilesUpdate(t *testing.T) {
	f := newFileTest(t)
	f.must(os.Mkdir(f.path("sub"), 0o755))
	f.write("a", "1")
	f.write("sub/b", "2")
	a, b := f.block("a"), &config.TrackFile{Name: "b", Path: f.path("sub/b")}
	f.files.Start([]*config.TrackFile{a, b, f.block("sync")})
	moved := &config.TrackFile{Name: "a", Path: f.path("elsewhere")}
	f.write("elsewhere", "8")
	if got := f.files.Update([]*config.TrackFile{moved, f.block("sync")}); fmt.Sprint(got) != "[{a 8} {sync 0}]" {
		t.Errorf("after the update: %v", got)
	}
	f.write("a", "77")     // no longer watched
	f.write("sub/b", "78") // nor is this
	f.settled()
	f.must(os.Rename(f.path("a"), f.path("elsewhere")))
	f.wants("a", 77)
	if n := len(f.files.folders); n != 1 {
		t.Errorf("%d folders are watched", n)
	}
	f.files.Stop()
	f.write("elsewhere", "10")
	if got := f.files.Update([]*config.TrackFile{a}); len(got) != 0 {
		t.Errorf("after Stop: %v", got)
	}
	if len(f.changes) != 0 {
		t.Errorf("also told: %v", <-f.changes)
	}
}

// A folder may be missing at first, go away and come back.
func TestFolderComesAndGoes(t *testing.T) {
	f := newFileTest(t)
	block := &config.TrackFile{Name: "x", Path: f.path("late/x")}
	f.files.Start([]*config.TrackFile{block})
	f.must(os.Mkdir(f.path("late"), 0o755))
	f.write("late/x", "1")
	f.wants("x", 1) // within the retry time
	f.write("late/x", "2")
	f.wants("x", 2)
	f.must(os.RemoveAll(f.path("late")))
	f.wants("x", 0)
	f.must(os.Mkdir(f.path("late"), 0o755))
	f.write("late/x", "3")
	f.wants("x", 3)
	f.must(os.Rename(f.path("late"), f.path("moved")))
	f.wants("x", 0)
	f.write("moved/x", "4") // not ours any more
	f.must(os.Mkdir(f.path("late"), 0o755))
	f.write("late/x", "5")
	f.wants("x", 5)
}

// Links are followed, and watched where they point to.
func TestFilesBehindLinks(t *testing.T) {
	f := newFileTest(t)
	for _, dir := range []string{"v1", "v2"} {
		f.must(os.Mkdir(f.path(dir), 0o755))
	}
	f.write("v1/x", "1")
	f.write("v2/x", "2")
	f.must(os.Symlink("v1", f.path("..data")))
	f.must(os.Symlink("..data/x", f.path("x")))
	if got := f.files.Start([]*config.TrackFile{f.block("x")}); got[0].Value != 1 {
		t.Fatalf("at start %v", got)
	}
	f.write("v1/x", "11")
	f.wants("x", 11)
	// A Kubernetes volume is replaced by moving a link over another.
	f.must(os.Symlink("v2", f.path("..tmp")))
	f.must(os.Rename(f.path("..tmp"), f.path("..data")))
	f.wants("x", 2)
	f.write("v1/x", "99")
	f.write("v2/x", "22")
	f.wants("x", 22)
}

func TestInitialValue(t *testing.T) {
	value := 7
	tests := map[string]struct {
		before    string // "" missing
		overwrite bool
		link      bool
		want      string
		reported  bool
	}{
		"missing":              {want: "7\n"},
		"there":                {before: "3", want: "3"},
		"overwritten":          {before: "3456", overwrite: true, want: "7\n"},
		"missing, overwrite":   {overwrite: true, want: "7\n"},
		"link is not followed": {before: "3", overwrite: true, link: true, want: "3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFileTest(t)
			if test.before != "" {
				f.write("target", test.before)
				if test.link {
					f.must(os.Symlink("target", f.path("x")))
				} else {
					f.must(os.Rename(f.path("target"), f.path("x")))
				}
			}
			block := f.block("x")
			block.InitValue, block.Overwrite = &value, test.overwrite
			f.files.Start([]*config.TrackFile{block})
			got, err := os.ReadFile(f.path("x"))
			f.must(err)
			if string(got) != test.want {
				t.Errorf("file has %q, want %q", got, test.want)
			}
		})
	}
	f := newFileTest(t)
	block := &config.TrackFile{Name: "x", Path: f.path("no/such/x"), InitValue: &value}
	f.files.Start([]*config.TrackFile{block})
	if lines := f.diary.take(); len(lines) == 0 {
		t.Error("a file that cannot be created is not reported")
	}
}

// Without inotify files are still read, at short intervals.
func TestFilesWithoutInotify(t *testing.T) {
	f := newFileTest(t)
	f.files.broken = os.ErrPermission
	f.write("x", "1")
	f.files.Start([]*config.TrackFile{f.block("x")})
	f.write("x", "2")
	f.wants("x", 2)
	f.write("x", "3")
	f.wants("x", 3)
}

func TestFilesLeaveNothing(t *testing.T) {
	open := func() int {
		list, _ := os.ReadDir("/proc/self/fd")
		return len(list)
	}
	dir := t.TempDir()
	before := open()
	for range 200 {
		f := NewFiles(FileOptions{Log: slog.New(slog.DiscardHandler), Changed: func(FileValue) {}})
		f.Start([]*config.TrackFile{{Name: "x", Path: filepath.Join(dir, "x")}})
		f.Stop()
	}
	if after := open(); after > before+1 {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
