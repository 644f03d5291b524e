# Linli. `make` alone prints what there is.

DATA ?= .linli# where `make run` keeps everything
PACKAGES ?= ./...# what `make test` tests in the root module
KILLS ?= 200# processes `make chaos` kills
SEED ?=# of `make chaos`; empty draws one
SEQUENCES ?= 100000# random courses of each procedure `make chaos` plays, about 20 ms each; `make test` plays 2000
CLIENTS ?= 1 8 32# at once in `make bench`
WAITING ?= 10000# cases at the restart of `make bench`
INBOX ?= 100000# open tasks in `make bench`

STEP := .ci/step
# Double quotes: the recipe stands in single ones, and a bare pattern would match a data folder that exists.
GO_SOURCES = find . -name "*.go" -not -path "*/node_modules/*" -not -path "./$(DATA)/*"

.DEFAULT_GOAL := help
.PHONY: help run build test test-root test-courses test-standalone test-crashes chaos bench check format vet lint workflows-lint generated generate tools prerequisites clean

help: ## 显示本帮助 / this list
	@echo '用法 / usage: make <目标 / target>'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## 一键启动全部（数据在 DATA=.linli） / start everything; state is kept in DATA=.linli
	@exec bin/linli-standalone run --data '$(DATA)'

build: prerequisites ## 编译单机程序 / build the one-machine program
	@$(STEP) '编译，首次约四分钟 / building, about four minutes the first time' \
		sh -c 'cd standalone && go build -o ../bin/linli-standalone .'

# Three at a time, the longest first: they wait for clocks and for each other's processes more than they compute.
test: prerequisites ## 全部测试，自带数据库与 Temporal / all tests, with their own database and Temporal
	@$(MAKE) --no-print-directory -j3 test-standalone test-crashes test-root test-courses

test-root: prerequisites
	@$(STEP) '测试主模块 / testing the root module' go test -p 2 -timeout 30m $(PACKAGES)

COURSES = go test ./approval/funduse ./approval/onboarding -run WhateverAnybodyDoes -count=1 -timeout 24h

test-courses: prerequisites
	@$(STEP) '2000 个随机过程 / playing 2000 random courses' $(COURSES) -rapid.checks=2000

test-standalone: prerequisites
	@$(STEP) '测试单机模块 / testing the standalone module' \
		sh -c 'cd standalone && go test -p 3 -timeout 30m $$(go list ./... | grep -v /chaos$$)'

test-crashes: prerequisites
	@$(STEP) '40 次强杀 / killing 40 processes' \
		sh -c 'cd standalone && CHAOS_KILLS=40 go test ./chaos -count=1 -timeout 30m -v'

chaos: prerequisites ## 崩溃试验 KILLS=1000 SEED=7 SEQUENCES=100000 / kill processes, play random courses; a seed repeats them
	@$(STEP) '$(KILLS) 次强杀 / killing $(KILLS) processes' sh -c 'cd standalone && \
		CHAOS_KILLS=$(KILLS) CHAOS_SEED=$(SEED) go test ./chaos -run NothingIsLost -count=1 -timeout 24h -v'
	@$(STEP) '$(SEQUENCES) 个随机过程 / playing $(SEQUENCES) random courses' \
		$(COURSES) -rapid.checks=$(SEQUENCES) $(if $(SEED),-rapid.seed=$(SEED))

bench: prerequisites ## 测速 CLIENTS="1 8 32" WAITING=10000 INBOX=100000 / measure Linli beside a bare Temporal workflow and PostgreSQL
	@$(STEP) '测速，约半小时 / measuring, about half an hour' sh -c 'cd standalone && \
		BENCH=full BENCH_CLIENTS="$(CLIENTS)" BENCH_WAITING=$(WAITING) BENCH_INBOX=$(INBOX) go test ./bench -count=1 -timeout 2h -v'

check: format vet lint workflows-lint generated test ## 提交前的全部检查 / everything a change must pass

format: prerequisites ## 检查格式 / report files gofmt would change
	@$(STEP) '检查格式 / checking the format' \
		sh -c 'bad=$$($(GO_SOURCES) -exec gofmt -l {} +) && test -z "$$bad" || { echo "$$bad"; exit 1; }'

vet: prerequisites ## go vet
	@$(STEP) 'go vet, 主模块 / root module' go vet ./...
	@$(STEP) 'go vet, 单机模块 / standalone module' sh -c 'cd standalone && go vet ./...'

lint: tools ## staticcheck
	@$(STEP) 'staticcheck, 主模块 / root module' bin/staticcheck ./...
	@$(STEP) 'staticcheck, 单机模块 / standalone module' sh -c 'cd standalone && ../bin/staticcheck ./...'

workflows-lint: tools ## 工作流确定性检查 / workflows must be deterministic
	@$(STEP) '检查工作流 / checking the workflows' sh -c 'test ! -d workflows || bin/workflowcheck -config tools/workflowcheck.yaml ./workflows/...'

generated: tools ## 生成的代码须与来源一致 / generated code must match its source
	@$(STEP) '核对生成的代码 / comparing generated code' \
		sh -c 'test ! -d store/sqlgen || (cd store && ../bin/sqlc diff)'

generate: tools ## 重新生成代码 / generate code from the SQL
	@$(STEP) '生成代码 / generating code' sh -c 'cd store && ../bin/sqlc generate'

# Without cgo the tools need no C compiler.
tools: bin/.tools
bin/.tools: tools/go.sum tools/go.mod | prerequisites
	@mkdir -p bin
	@$(STEP) '编译工具，首次约两分钟 / building the tools, about two minutes the first time' \
		sh -c 'cd tools && CGO_ENABLED=0 go build -o ../bin/ tool'
	@touch $@

prerequisites:
	@command -v go >/dev/null || { \
		echo '缺少 Go：请安装 1.26 或更新版本 / Go is missing: install 1.26 or newer (https://go.dev/dl)' >&2; exit 1; }
	@go env GOVERSION | awk '{ sub(/^go/, ""); split($$0, v, "."); \
		if (v[1] < 1 || v[1] == 1 && v[2] + 0 < 26) { \
			print "Go " $$0 " 太旧：需要 1.26 或更新版本 / Go " $$0 " is too old: 1.26 or newer is needed" > "/dev/stderr"; exit 1 } }'
	@command -v bash >/dev/null || { echo '缺少 bash / bash is missing' >&2; exit 1; }

clean: ## 删除编译结果，保留数据 / remove what was built, keep the data
	@rm -rf bin
