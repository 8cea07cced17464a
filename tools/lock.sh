#!/bin/sh
# Renews the lock files: the newest versions, with the hashes of every platform's wheels and no index address.
#
#   tools/lock.sh UV [--add] [NAME...]     developer | tutorial | container | peers | llama-index | wheel | vllm;
#                                         all without
#
# With --add the versions that are locked stay, and only what pyproject.toml asks for beside them comes in.
#
# What a reader installs is resolved under the constraint of what a developer installs, so it is a part of it: the
# same versions, the same files. A package whose newest version has left an old Python behind gets a version for each;
# otherwise the oldest Python would choose for the newest, which has no wheels of it. Both files are then resolved once
# more from wheels alone, for every Python and platform that the README names.
set -eu

cd "$(dirname "$0")/.."
uv=$1 upgrade=--upgrade
shift
[ "${1:-}" != --add ] || { upgrade= && shift; }
[ $# -gt 0 ] || set -- developer tutorial container peers llama-index wheel vllm
pythons="3.11 3.12 3.13 3.14 3.15"
platforms="x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin"

lock() { # NAME OPTIONS...
    name=$1
    shift
    "$uv" pip compile --quiet $upgrade --universal --python-version 3.11 --fork-strategy requires-python \
        --generate-hashes --no-annotate --no-header --no-emit-index-url "$@" --output-file "locks/$name.lock" pyproject.toml
}

has_wheels() { # NAME PYTHON PLATFORM
    "$uv" pip compile --quiet --only-binary :all: --no-deps --python-version "$2" --python-platform "$3" "locks/$1.lock" \
        >/dev/null || {
        echo "logitlab: locks/$1.lock has a pin without a wheel for Python $2 on $3 (the lines above name it)" >&2
        exit 1
    }
}

# of vLLM only the wheel is read, and nothing installed: tests/peers/vllm_wheel.py
lock_vllm() {
    echo vllm | "$uv" pip compile --quiet $upgrade --universal --no-deps --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --output-file locks/vllm.lock -
}

for name; do
    case $name in
    developer) lock developer --all-extras --group dev ;;
    tutorial) lock tutorial --extra notebook --group tutorial --constraint locks/developer.lock ;;
    container) lock container --extra notebook --group container --constraint locks/developer.lock ;;
    peers | llama-index | wheel) lock "$name" --group "$name" ;;
    vllm) lock_vllm ;;
    *) echo "logitlab: there is no locks/$name.lock" >&2 && exit 1 ;;
    esac
done
for name; do
    case $name in developer | tutorial | wheel) ;; *) continue ;; esac
    for python in $pythons; do
        for platform in $platforms; do has_wheels "$name" "$python" "$platform"; done
    done
done
