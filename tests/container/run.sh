#!/bin/sh
# Runs container/install.sh in a fresh root of Debian 13 without a compiler, and in it what a reader does there.
#
#   tests/container/run.sh ROOT WHEEL
#
# Root on Debian is needed, to make the root. In place of Ollama's archive (1.4 GB) there is a small one of the same layout,
# whose `ollama` knows three answers: that is said at the end. apptainer itself is not run.
set -eu

root=$1 wheel=$2
here=$(cd "$(dirname "$0")/../.." && pwd)

inside() { # COMMAND...: in the root, without this shell's environment
    unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" env -i LANG=C.UTF-8 HOME=/root \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        PIP_CERT="$certificates" OLLAMA_ARCHIVE="$OLLAMA_ARCHIVE" OLLAMA_SHA256="$OLLAMA_SHA256" "$@"' "$root" "$@"
}

stand_in() { # an archive as Ollama's is, with a server that knows three answers
    mkdir -p "$root/stand-in/bin"
    cp "$here/tests/container/stand_in.py" "$root/stand-in/bin/ollama"
    chmod 755 "$root/stand-in/bin/ollama"
    tar -C "$root/stand-in" -c bin | zstd -q >"$root/ollama.tar.zst"
    rm -r "$root/stand-in"
}

[ -e "$root/.fresh" ] || {
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase trixie "$root" >&2
    touch "$root/.fresh"
}
rm -rf "$root/opt" "$root/usr/local/bin/ollama"
mkdir -p "$root/opt/install/dist"
cp -r "$here/container" "$root/opt/install/"
mkdir -p "$root/opt/install/locks" && cp "$here/locks/container.lock" "$root/opt/install/locks/"
cp "$wheel" "$root/opt/install/dist/"
export certificates=
if [ -n "${PIP_CERT:-}" ]; then # this network's own, where it has some
    cp "$PIP_CERT" "$root/opt/install/certificates.pem"
    certificates=/opt/install/certificates.pem
fi
stand_in
name=$(basename "$wheel")
export OLLAMA_ARCHIVE=/ollama.tar.zst OLLAMA_SHA256=wrong
if inside /opt/install/container/install.sh "/opt/install/dist/$name" >/dev/null 2>"$root/said"; then
    echo "a wrong SHA-256 was taken" >&2
    exit 1
fi
grep -q 'must be wrong, got' "$root/said" || {
    cat "$root/said" >&2
    exit 1
}
if [ -e "$root/usr/local/bin/ollama" ] || [ -e "$root/opt/logitlab" ]; then
    echo "something was installed although the SHA-256 was wrong" >&2
    exit 1
fi
OLLAMA_SHA256=$(sha256sum "$root/ollama.tar.zst" | cut -d ' ' -f 1)
inside /opt/install/container/install.sh "/opt/install/dist/$name"
if inside sh -c 'command -v cc || command -v gcc || command -v clang'; then
    echo "there must be no compiler" >&2
    exit 1
fi
cp "$here/tests/container/session.sh" "$root/opt/session.sh"
inside setpriv --reuid=65534 --regid=65534 --clear-groups sh /opt/session.sh
echo "container: install.sh ran in a fresh Debian 13 without a compiler, with a small stand-in for Ollama's archive"
