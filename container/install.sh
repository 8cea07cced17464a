#!/bin/sh
# Installs JupyterLab, NumPy, LlamaIndex, Ollama and logitlab into a Debian system without a compiler, as root.
#
#   container/install.sh WHEEL
#
#   OLLAMA_ARCHIVE=FILE     a local copy of Ollama's archive in place of the download
#   OLLAMA_SHA256=DIGEST    what its SHA-256 must be, for another version than the one below
#
# Python's packages are those of locks/container.lock, by version and hash; Ollama is one version, by its SHA-256; the
# system's own packages are what the image's release of Debian has. apptainer's %post calls this, and so does
# `make test-container` in a fresh root.
set -eu

wheel=$1
here=$(cd "$(dirname "$0")/.." && pwd)
ollama=0.32.7
case $(uname -m) in
x86_64) machine=amd64 digest=ed1e39fe8fea90bd7f4c723bd949a2cea3153e111220ec0a183ea5b8dc8b2cae ;;
aarch64) machine=arm64 digest=413cb50f2fd201b65e17e563c082607bc0ade60d700132c563c7a1c0cd529fde ;;
*) machine="" digest="" ;;
esac

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

system() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 python3-venv ca-certificates curl zstd >/dev/null
    rm -rf /var/lib/apt/lists/*
}

fetch_ollama() { # 1.4 GB, most of it for graphics cards
    [ -n "$machine" ] || fail "Ollama has no archive for $(uname -m)"
    curl -fL --retry 3 -o "$work/ollama.tar.zst" \
        "https://github.com/ollama/ollama/releases/download/v$ollama/ollama-linux-$machine.tar.zst"
}

install_ollama() {
    archive=${OLLAMA_ARCHIVE:-}
    [ -n "$archive" ] || { fetch_ollama && archive=$work/ollama.tar.zst; }
    [ -f "$archive" ] || fail "OLLAMA_ARCHIVE must be a file, got $archive"
    wanted=${OLLAMA_SHA256:-$digest} came=$(sha256sum "$archive" | cut -d ' ' -f 1)
    [ "$came" = "$wanted" ] || fail "the SHA-256 of $archive must be $wanted, got $came"
    zstd -dc "$archive" | tar -x --no-same-owner -C /usr/local
}

install_packages() {
    python3 -m venv /opt/logitlab
    pip="/opt/logitlab/bin/python -m pip install --quiet --no-cache-dir --disable-pip-version-check --only-binary :all:"
    $pip --require-hashes -r "$here/locks/container.lock"
    $pip --no-deps --no-index "$wheel"
}

[ -f "$wheel" ] || fail "a wheel of logitlab is needed, as make wheel builds it; there is no $wheel"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
system
install_ollama
install_packages
/opt/logitlab/bin/python -m logitlab info
