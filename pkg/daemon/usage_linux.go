package daemon

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// seconds is CPU time as in the log: seconds with six digits.
func seconds(t unix.Timeval) string { return fmt.Sprintf("%d.%06d", t.Sec, t.Usec) }

// childUsage is the last line of a child with -D.
func childUsage() string {
	var self, children unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &self)
	_ = unix.Getrusage(unix.RUSAGE_CHILDREN, &children)
	if children.Maxrss == 0 { // there were none
		return fmt.Sprintf(logtext.StoppedUsage, seconds(self.Utime), seconds(self.Stime))
	}
	return fmt.Sprintf(logtext.StoppedUsages, seconds(self.Utime), seconds(children.Utime), seconds(self.Stime), seconds(children.Stime))
}

// parentUsage is the line before the parent's last one with -D.
func parentUsage() string {
	var self, children unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &self)
	_ = unix.Getrusage(unix.RUSAGE_CHILDREN, &children)
	return fmt.Sprintf(logtext.CPUUsage, seconds(self.Utime), seconds(children.Utime), seconds(self.Stime), seconds(children.Stime))
}
