#!/bin/sh
# Compiles requirements/*.in to *.txt: one lock for every system and Python from 3.11 on, with hashes and without
# index addresses. What is locked stays where it can; `sh tools/lock.sh --upgrade` takes the newest of everything.
set -eu
cd "$(dirname "$0")/../requirements"

more=$*
compile() {
    # shellcheck disable=SC2086 - a list of words
    ../.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $more "$@"
}

compile run.in -o run.txt
compile dev.in -c run.txt -o dev.txt
