# The commands of this project. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build man demo test check torture fuzz bench integration dist deb check-packages check-reproducible check-docs documentation playground install clean

DESTDIR ?=
BINDIR ?= /opt/cni/bin
CONFDIR ?= /etc/cni/net.d
PREFIX ?= /usr/local

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

build: ## the static binaries, bin/contrail-k8s-cni and bin/contrailctl; prints their sizes and the start-up time
	@scripts/bootstrap build
	@scripts/build

man: ## the manual pages of contrailctl, in .build/man
	@scripts/bootstrap build
	@scripts/man

demo: ## CN2's walk-through, isolation, a router, a shared address, on nodes made of namespaces (as root)
	@scripts/need-root demo
	@scripts/bootstrap build demo
	@scripts/build
	@scripts/demo
	@scripts/demo-connectivity
	@scripts/demo-pairs

playground: ## a shell on a node made of namespaces, with contrailctl and pods (as root)
	@scripts/need-root playground
	@scripts/bootstrap build demo
	@scripts/build
	@scripts/playground

check-docs: ## runs every command of the documentation, and compares what it prints (as root); DOCS=README.md for one
	@scripts/need-root check-docs
	@scripts/bootstrap build test
	@scripts/build
	@scripts/check-docs $(DOCS)

documentation: ## the libraries' documentation, in .build/documentation/site
	@scripts/bootstrap build
	@scripts/documentation

test: ## every test, also of the built plugin in real namespaces (as root); ARGS="--filter X" for some
	@scripts/need-root test
	@scripts/bootstrap build test
	@scripts/build
	@scripts/test $(ARGS)

check: ## what must pass before a commit: formatting, a build without warnings, every test
	@scripts/need-root check
	@scripts/bootstrap build test
	@scripts/lint
	@scripts/build
	@scripts/test
	@ROUNDS=60 SECONDS=5 scripts/torture

torture: ## kills, races and losses by the thousand (as root); ROUNDS=2000 SECONDS=60 SEED=n
	@scripts/need-root torture
	@scripts/bootstrap build test
	@scripts/build
	@scripts/torture

fuzz: ## foreign bytes to everything that reads them, guided by coverage; SECONDS=20 for each TARGET (all) SEED=1
	@scripts/bootstrap build
	@scripts/fuzz $(TARGET)

bench: ## time and memory beside a C program's and Debian's bridge plugin (as root); PARTS="networks traffic" for some
	@scripts/need-root bench
	@scripts/bootstrap build bench
	@scripts/build
	@scripts/bench $(PARTS)

integration: ## the plugin under podman and containerd, on nodes made of namespaces (as root); RUNTIMES=podman for one
	@scripts/need-root integration
	@scripts/bootstrap build
	@scripts/bootstrap integration || true
	@scripts/build
	@scripts/integration $(RUNTIMES)

dist: build man ## the tarball of this version, in .build/dist
	@scripts/dist

deb: build man ## the Debian package of this version, in .build/dist
	@scripts/deb

check-packages: ## installs, removes and purges both in directories made for it; lintian (as root)
	@scripts/need-root check-packages
	@scripts/bootstrap packages
	@$(MAKE) --no-print-directory dist deb
	@scripts/check-packages

check-reproducible: dist deb ## builds both again, elsewhere, and compares the bytes
	@scripts/check-reproducible

install: build man ## plugin to $(BINDIR), configuration to $(CONFDIR), contrailctl with manual and completions to $(PREFIX); below $(DESTDIR)
	@rm -rf .build/collected
	@scripts/collect .build/collected
	@.build/collected/install "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(CONFDIR)" "$(DESTDIR)$(PREFIX)"

clean: ## removes everything that was built here
	rm -rf .build bin
