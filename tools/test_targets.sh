#!/bin/sh
# Runs the functions' tests, the sampler's battery, the model's forward pass and its published texts on processors that
# this machine is not, each with a real CPython
# and the real NumPy:
#
#   nehalem   the x86-64 of 2008, without AVX: an instruction too new ends the process
#   aarch64   NEON, with the extension cross-compiled and NumPy's own aarch64 wheel
#
#   tools/test_targets.sh nehalem|aarch64 [PYTEST ARGUMENTS]
#   tools/test_targets.sh packages          only fetches aarch64's Python and what the tests import
#
# Times mean nothing here, so the slowest tests are left out: threads, memory, and those on a real model's logits.
set -eu

cd "$(dirname "$0")/.."
here=$(pwd)
host=$here/.venv/bin/python
target=$1
shift
only_packages=
[ "$target" != packages ] || { target=aarch64 only_packages=1; }
work=$here/build/targets/$target
mkdir -p "$work"
export OPENBLAS_NUM_THREADS=1 HYPOTHESIS_MAX_EXAMPLES=20

prepare_nehalem() {
    run="qemu-x86_64 -cpu Nehalem $host"
}

fetch_python() { # Debian's own packages for arm64, unpacked; the machine's dpkg is not touched
    state=$work/apt root=$work/root
    [ -x "$root/usr/bin/python3" ] && return
    mkdir -p "$state/lists/partial" "$state/archives/partial" "$root"
    : >"$state/status"
    cat >"$state/conf" <<CONF
APT::Architecture "arm64"; APT::Architectures { "arm64"; };
Dir::State "$state"; Dir::State::status "$state/status"; Dir::State::lists "$state/lists"; Dir::Cache "$state";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG="$state/conf"
    apt-get update -qq
    apt-get install -qq --download-only --no-install-recommends python3 libpython3-dev libstdc++6 >/dev/null
    for package in "$state"/archives/*.deb; do dpkg -x "$package" "$root"; done
    unset APT_CONFIG
}

fetch_packages() { # what the tests import, from the lock, by its hashes
    python=$(basename "$(readlink -f "$root/usr/bin/python3")")
    "$host" tools/lock_subset.py numpy pytest pytest-timeout hypothesis mpmath ml-dtypes pandas gguf tokenizers \
        platformdirs >"$work/packages.lock"
    "$host" -m pip install --quiet --no-deps --require-hashes --only-binary :all: --upgrade --target "$work/site" \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 \
        --implementation cp --python-version "${python#python}" --requirement "$work/packages.lock"
}

cross_compile() {
    CC=aarch64-linux-gnu-gcc LDSHARED="aarch64-linux-gnu-gcc -shared" LOGITLAB_BUILD_MACHINE=aarch64 \
        CFLAGS="-I$root/usr/include/$python -I$root/usr/include" \
        "$host" setup.py --quiet build_ext --force --build-lib "$work/site" --build-temp "$work/temp"
}

prepare_aarch64() {
    fetch_python
    fetch_packages
    [ -z "$only_packages" ] || exit 0
    cp -r python/logitlab "$work/site/"
    rm -f "$work"/site/logitlab/*.so # this machine's
    cross_compile
    run="env PYTHONHOME=$root/usr PYTHONPATH=$work/site qemu-aarch64 -L $root $root/usr/bin/$python"
}

"prepare_$target"
printf '#!/bin/sh\nexec %s "$@"\n' "$run" >"$work/python" # so that the tests' own processes run there too
chmod +x "$work/python"
export LOGITLAB_TEST_PYTHON="$work/python"
"$work/python" -c 'import logitlab, platform; print(platform.machine(), logitlab.targets())'
exec "$work/python" -m pytest tests/functions tests/sampling/test_same_bits.py tests/llms/test_network.py \
    tests/llms/test_texts.py::test_every_target_writes_them --timeout=0 -p no:cacheprovider \
    --ignore=tests/functions/test_threads.py --ignore=tests/functions/test_memory.py \
    --ignore=tests/functions/test_float_mode.py -k "not real_logits" "$@"
