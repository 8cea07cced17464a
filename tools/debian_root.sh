#!/bin/sh
# Makes a root of Debian unstable, which has the newest Pythons and compilers, and runs a command in it.
#
#   tools/debian_root.sh make ROOT
#   tools/debian_root.sh run ROOT FOLDER COMMAND...     FOLDER is at the same path inside
#
# Root on Debian is needed for both. Nothing is mounted for longer than a command runs, so the root can be removed like
# any folder.
set -eu

action=$1 root=$2
shift 2

make() {
    [ ! -e "$root/.ready" ] || return 0
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase unstable "$root" >&2
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -qq --no-install-recommends \
        gcc-16 clang-21 ccache libc6-dev python3.14 python3.14-dev python3.15 python3.15-dev >&2
    touch "$root/.ready"
}

run() {
    mkdir -p "$root$1"
    # shellcheck disable=SC2016  # the inner shell expands these
    exec unshare --mount sh -c 'mount --bind "$1" "$0$1" && mount -t proc proc "$0/proc" && cd "$0" &&
        folder=$1 && shift && exec chroot "$0" sh -c '\''cd "$0" && exec "$@"'\'' "$folder" "$@"' "$root" "$@"
}

"$action" "$@"
