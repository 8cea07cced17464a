#!/bin/sh
# Builds the extensions with a sanitizer of the C compiler, in a folder of its own, and runs tests on them.
#
#   tools/test_sanitized.sh address,undefined|thread PYTEST ARGUMENTS
set -eu

cd "$(dirname "$0")/.."
sanitizer=$1
shift
python=$PWD/.venv/bin/python
work=$PWD/build/sanitized-${sanitizer%%,*}
mkdir -p "$work/site"
cp -r python/logitlab "$work/site/"
rm -f "$work"/site/logitlab/*.so
LOGITLAB_SANITIZE=$sanitizer "$python" setup.py --quiet build_ext --force --build-lib "$work/site" --build-temp "$work/temp"

case $sanitizer in address*) runtime=libasan.so ;; *) runtime=libtsan.so ;; esac
# Python keeps what it has until it exits, so leaks are looked for by tests that count; every other finding ends the run
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
# the C++ library beside it, for the runtime looks for it when it starts, and libraries that throw come later
library() { ${CC:-gcc} -print-file-name="$1"; }
export PYTHONPATH="$work/site" LD_PRELOAD="$(library $runtime) $(library libstdc++.so.6)"
"$python" -c "import logitlab; assert logitlab.__file__.startswith('$work'), logitlab.__file__"
exec "$python" -m pytest -p no:cacheprovider --capture=sys --timeout=0 "$@"
