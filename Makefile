# The only entry: people, CI and packagers call these targets.
#
#   make demo    two hosts in namespaces, an election, a failover, an IPVS table
#   make test    everything that must hold; REQUIRE=netns,ipvs,snmp forbids skips
#
SHELL   := /bin/bash
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
DATE    ?= $(shell git log -1 --format=%cd --date=format:%m/%d,%Y 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X github.com/gokeepalived/gokeepalived/pkg/daemon.Version=$(VERSION) -X github.com/gokeepalived/gokeepalived/pkg/daemon.Date=$(DATE)
DESTDIR ?=
PREFIX  ?= /usr
FUZZTIME ?= 10s

# Facilities whose absence is a failure. The host run never has ipvs: those
# tests run in user-mode Linux, where ipvs is required as soon as asked for.
REQUIRE ?=
comma   := ,
space   := $(subst ,, )
HOST_REQUIRE := $(subst $(space),$(comma),$(strip $(filter-out ipvs,$(subst $(comma), ,$(REQUIRE)))))

# Packages whose tests touch the kernel's IPVS table. That kernel also has ipvlans and VRFs.
IPVS_PACKAGES := ./pkg/ipvs/... ./pkg/checkers/checkrun ./internal/e2e ./internal/e2e/lvs

export CGO_ENABLED = 0

.PHONY: all build deps test test-long test-unit test-race test-ipvs test-fuzz bench lint generate fuzz demo install package clean

all: build

build: bin/gokeepalived

bin/gokeepalived: FORCE
	@mkdir -p bin
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/gokeepalived

.PHONY: FORCE
FORCE:

# Debian packages that tests and demo use; installs what is missing, as root.
deps:
	@scripts/install-deps

test: deps build
	$(MAKE) --no-print-directory test-unit
	$(MAKE) --no-print-directory test-race
	$(MAKE) --no-print-directory test-ipvs
	$(MAKE) --no-print-directory test-fuzz

test-unit:
	@test -z "$$(gofmt -l cmd pkg internal | tee /dev/stderr)" || { echo 'gofmt would change the files above'; exit 1; }
	$(GO) vet ./...
	REQUIRE='$(HOST_REQUIRE)' $(GO) test -count=1 -p 1 -timeout 20m ./...

# Packages without kernel objects, under the race detector (needs cgo).
RACE_PACKAGES = $(shell $(GO) list ./pkg/... | grep -v -e /netif -e /vrrprun -e /bfdrun -e /pkg/daemon -e /pkg/ipvs)
test-race:
	REQUIRE='$(HOST_REQUIRE)' CGO_ENABLED=1 $(GO) test -race -short -count=1 -timeout 15m $(RACE_PACKAGES)

test-ipvs:
	scripts/test-ipvs '$(REQUIRE)' $(IPVS_PACKAGES)
	scripts/test-ipvs '$(REQUIRE)' -run 'SyncDaemon|IPVLAN|VRF' ./pkg/vrrp/vrrprun ./pkg/netif
	scripts/test-ipvs '$(REQUIRE)' -run TestCheckers ./internal/e2e/snmp
	scripts/test-ipvs '$(REQUIRE)' -run CheckerLog ./pkg/daemon

# What takes long or wants the machine for itself: takeover times to the millisecond, the whole matrix of pairs with
# keepalived, 1,000 link flaps, 200 acts of chaos, every load balancer configuration, a thousand statements through
# keepalived -t, the packages of both architectures built from nothing and looked at by lintian and rpmlint.
test-long: deps build
	GK_LONG=1 $(GO) test -count=1 -v -timeout 30m -run 'TestInterop|TestFlaps|TestTakeover|TestChaos' ./internal/e2e
	GK_LONG=1 $(GO) test -count=1 -v -run TestHostilePackets ./pkg/vrrp/vrrprun
	GK_LONG=1 REQUIRE='$(HOST_REQUIRE)' $(GO) test -count=1 -v -run TestStatementsAgainstKeepalived ./pkg/confparse
	GK_LONG=1 $(GO) test -count=1 -v -run TestThousandInstances ./internal/e2e/snmp
	GKUML_FULL=1 scripts/test-ipvs 'netns,ipvs' ./internal/e2e/lvs
	GKUML_FULL=1 scripts/test-ipvs 'netns,ipvs' -v -run TestWatchedServers ./internal/e2e
	scripts/install-deps lintian:lintian rpmlint:rpmlint rpm:rpm
	GK_LONG=1 REQUIRE=netns,lintian,rpmlint,rpm $(GO) test -count=1 -v -timeout 20m ./internal/packages

test-fuzz:
	REQUIRE='$(HOST_REQUIRE)' scripts/fuzz 2s

# Events of the network, trackers and operators in random order that the VRRP engine must bear.
EVENTS ?= 10000000
fuzz:
	$(GO) test -count=1 -timeout 3h -run TestRandomEvents ./pkg/vrrp -vrrp.events $(EVENTS)
	scripts/fuzz $(FUZZTIME)

bench: deps build
	scripts/bench

lint:
	@test -z "$$(gofmt -l cmd pkg internal | tee /dev/stderr)"
	$(GO) vet ./...
	CGO_ENABLED=0 $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

generate: build
	scripts/generate

demo: deps build
	@scripts/demo

install: build
	install -D -m 0755 bin/gokeepalived $(DESTDIR)$(PREFIX)/sbin/gokeepalived
	for page in docs/man/gokeepalived*; do install -D -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	install -D -m 0644 packaging/gokeepalived.service $(DESTDIR)/lib/systemd/system/gokeepalived.service

# .deb, .rpm and the list of modules for amd64 and arm64, in dist/.
package:
	VERSION='$(VERSION)' scripts/package

clean:
	rm -rf bin dist
