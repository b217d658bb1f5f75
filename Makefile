# The work is in scripts/, which run without make too. ARGS go to run.py or pytest: make test ARGS='-k store'
.PHONY: demo test setup lint format lock
ARGS =

demo:
	@scripts/demo.sh $(ARGS)

test:
	@scripts/test.sh $(ARGS)

setup:
	@scripts/setup.sh test

lint:
	@scripts/lint.sh

format:
	@python=$$(scripts/setup.sh test) && "$$python" -m ruff check --fix . && "$$python" -m ruff format .

lock:
	@scripts/lock.sh
