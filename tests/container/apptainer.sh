#!/bin/sh
# Builds container/logitlab.def by apptainer and runs the image, on a folder with Debian 13 in place of Docker's image.
#
#   tests/container/apptainer.sh BASE WHEEL WORK
#
# BASE is a root as tests/container/run.sh makes it. The recipe's own %files, %post, %environment, %runscript and %test
# are used as they are; only where it starts from, and the digest of the stand-in for Ollama's archive, are others.
set -eu

base=$1 wheel=$2 work=$3
here=$(cd "$(dirname "$0")/../.." && pwd)

rm -rf --one-file-system "$work"
mkdir -p "$work/tree/locks" "$work/tree/dist" "$work/stand-in/bin"
cp -r "$here/container" "$here/notebooks" "$work/tree/"
cp "$here/locks/container.lock" "$work/tree/locks/"
cp "$wheel" "$work/tree/dist/"
cp "$here/tests/container/stand_in.py" "$work/stand-in/bin/ollama"
chmod 755 "$work/stand-in/bin/ollama"
archive=$work/tree/dist/ollama-linux-stand-in.tar.zst
tar -C "$work/stand-in" -c bin | zstd -q >"$archive"
digest=$(sha256sum "$archive" | cut -d ' ' -f 1)

mkdir "$work/base" # without devices, which not everybody may make, and without what run.sh installed
tar -C "$base" -c --exclude=./dev/* --exclude=./proc/* --exclude=./opt/* --exclude=./ollama.tar.zst \
    --exclude=./usr/local/bin/ollama . | tar -C "$work/base" -x
certificates=
if [ -n "${PIP_CERT:-}" ]; then # this network's own, where it has some
    cp "$PIP_CERT" "$work/base/etc/network-certificates.pem"
    certificates=/etc/network-certificates.pem
fi
sed -e "s|^Bootstrap: .*|Bootstrap: localimage|" -e "s|^From: .*|From: $work/base|" \
    -e "s|^%post|&\n    export OLLAMA_SHA256=$digest PIP_CERT=$certificates|" \
    "$here/container/logitlab.def" >"$work/tree/logitlab.def"

cd "$work/tree"
apptainer build --force "$work/logitlab.sif" logitlab.def
apptainer run-help "$work/logitlab.sif" | grep -q 'apptainer run logitlab.sif'
apptainer run "$work/logitlab.sif" --version # the run script: JupyterLab
apptainer exec "$work/logitlab.sif" sh -s <"$here/tests/container/session.sh"
if apptainer exec "$work/logitlab.sif" sh -c 'command -v cc || command -v gcc || command -v clang'; then
    echo "there must be no compiler" >&2
    exit 1
fi
echo "apptainer: $(apptainer --version | cut -d ' ' -f 3) built and ran the recipe, with a small stand-in for Ollama's archive"
