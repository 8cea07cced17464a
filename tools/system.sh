#!/bin/sh
# Sees that this machine has what a command needs from its system, and says in one sentence what it lacks.
#
#   tools/system.sh PURPOSE     build | model | browser | client | targets | flags | pythons | wheels | root | fuzz
#
# As root on Debian the missing packages are installed without a question; anybody else is told the command.
# `build` prints the path of the Python that the environment is to be made with, and nothing else, on stdout.
set -eu

lacks="" packages=""
lack() { # WHAT PACKAGES...
    lacks="$lacks${lacks:+, }$1"
    shift
    packages="$packages $*"
}

fail() {
    echo "logitlab: $*" >&2
    exit 1
}

is_new() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() { # the first that is new enough; PYTHON, when given, is the only candidate, and may have blanks in its path
    [ -n "${PYTHON:-}" ] && set -- "$PYTHON" || set -- python3 python3.15 python3.14 python3.13 python3.12 python3.11
    for candidate; do
        if is_new "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

check_python() {
    python=$(find_python)
    if [ -n "$python" ]; then
        return
    elif [ -n "${PYTHON:-}" ] && ! command -v "$PYTHON" >/dev/null; then
        fail "PYTHON=$PYTHON is not a program; leave it out, or name a Python 3.11 or newer"
    elif command -v "${PYTHON:-python3}" >/dev/null; then
        fail "Python 3.11 or newer is needed and ${PYTHON:-python3} is" \
            "$("${PYTHON:-python3}" -c 'import platform; print(platform.python_version())' 2>&1 | tail -n 1);" \
            "install a newer one and say: make PYTHON=/path/to/python3.11"
    fi
    lack "Python 3.11 or newer" python3 python3-venv python3-dev
}

debian_name() { # what Debian's packages of this Python start with; empty for a Python that is not Debian's
    case "$(readlink -f "$python")" in /usr/bin/python3.*) basename "$(readlink -f "$python")" ;; esac
}

check_build() {
    check_python
    if [ -n "$python" ]; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            lack "the venv module of $python" "$(debian_name)-venv"
        "$python" -c 'import os, sysconfig
raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
            lack "the headers of $python (Python.h)" "$(debian_name)-dev"
    fi
    includes stdlib.h || lack "a C compiler" gcc libc6-dev # one without the C library's headers is none
}

includes() { # HEADER: whether the C compiler is there and finds it; CC may be several words, as in "ccache gcc"
    set -- "$1" ${CC:-cc}
    command -v "$2" >/dev/null || return
    header=$1
    shift
    echo "#include <$header>" | "$@" -fsyntax-only -xc - 2>/dev/null
}

check_model() { # the built-in model: here already, or a folder that it can be fetched into
    check_build
    [ -n "$lacks" ] || "$python" -B "$(dirname "$0")/model_folder.py" || exit 1
}

check_browser() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null ||
        lack "Chromium, for the browser tests" chromium fonts-dejavu-core fonts-noto-color-emoji
}

check_client() { # libcurl, which the Ollama client opens, and its headers, which a test compares with; macOS has both
    [ "$(uname)" = Darwin ] || includes curl/curl.h ||
        lack "libcurl and its headers, for the Ollama client's tests" libcurl4-openssl-dev
}

check_targets() {
    command -v qemu-x86_64 >/dev/null && command -v qemu-aarch64 >/dev/null ||
        lack "qemu's user emulation, for the other processors" qemu-user
    command -v aarch64-linux-gnu-gcc >/dev/null ||
        lack "a C compiler for aarch64" gcc-aarch64-linux-gnu libc6-dev-arm64-cross
}

check_wheels() { # another processor, and the newest Pythons
    command -v qemu-aarch64 >/dev/null || lack "qemu's user emulation, for the wheel of another processor" qemu-user
    check_root
}

check_root() { # of Debian unstable, wherever somebody may make one
    [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || command -v debootstrap >/dev/null ||
        lack "debootstrap, for a root of Debian unstable" debootstrap
}

check_flags() {
    command -v clang >/dev/null || lack "clang, beside GCC" clang
    command -v objcopy >/dev/null || lack "objcopy, which tells what differs between two builds" binutils
}

check_pythons() { # the newest Pythons and compilers come from there
    check_flags
    check_root
}

check_fuzz() {
    command -v clang >/dev/null || lack "clang with libFuzzer" clang libclang-rt-dev
}

install() {
    echo "logitlab: installing $lacks:$packages" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } \
        </dev/null >&2 || fail "$lacks could not be installed by apt-get (the lines above say why); is there a network?"
}

how() { # the command for this system's package manager
    if command -v apt-get >/dev/null; then
        echo "sudo apt-get install$packages"
    elif [ "$(uname)" = Darwin ]; then
        echo "xcode-select --install, and what is not Apple's from Homebrew"
    else
        echo "the package manager of this system (Debian calls the packages$packages)"
    fi
}

purpose=$1
"check_$purpose"
if [ -n "$lacks" ]; then
    case "$packages" in *" -"*) fail "$lacks is missing; install a complete Python and say: make PYTHON=/path/to/it" ;; esac
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -z "${LOGITLAB_NO_INSTALL:-}" ]; then
        install
        lacks="" packages=""
        "check_$purpose"
    fi
    [ -z "$lacks" ] || fail "$lacks is missing; install it with: $(how)"
fi
[ "$purpose" != build ] || echo "$python"
