// Package eventloop has the parts of a loop that waits for sockets and one
// deadline in one goroutine: Poller waits, Mailbox brings what other
// goroutines want, LogQueue takes log lines away. None of them allocates or
// blocks on the path of a packet or a timer.
package eventloop
