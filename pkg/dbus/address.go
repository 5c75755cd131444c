package dbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Where the system bus is (D-Bus specification, "Well-known message bus
// instances").
const (
	addressVariable = "DBUS_SYSTEM_BUS_ADDRESS"
	defaultAddress  = "unix:path=/run/dbus/system_bus_socket"
)

// systemAddress is the address of the system bus.
func systemAddress() string {
	if a := os.Getenv(addressVariable); a != "" {
		return a
	}
	return defaultAddress
}

// dial connects to the first address of a list ("unix:path=/a;unix:path=/b")
// that answers.
func dial(ctx context.Context, addresses string, limit time.Duration) (net.Conn, error) {
	var failed []error
	for _, address := range strings.Split(addresses, ";") {
		name, err := socketName(address)
		if err == nil {
			dialer := net.Dialer{Timeout: limit}
			var conn net.Conn
			if conn, err = dialer.DialContext(ctx, "unix", name); err == nil {
				return conn, nil
			}
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// socketName is the socket of one address in Go's form: a path, or @name for
// an abstract socket.
func socketName(address string) (string, error) {
	transport, options, _ := strings.Cut(address, ":")
	if transport != "unix" {
		return "", fmt.Errorf("bus address %q: only unix:path= and unix:abstract= are possible", address)
	}
	for _, option := range strings.Split(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		value, err := url.PathUnescape(value)
		switch {
		case err != nil:
			return "", fmt.Errorf("bus address %q: %w", address, err)
		case value == "":
		case key == "path":
			return value, nil
		case key == "abstract":
			return "@" + value, nil
		}
	}
	return "", fmt.Errorf("bus address %q names no socket", address)
}
