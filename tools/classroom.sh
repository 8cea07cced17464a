#!/bin/sh
# Makes a folder from which a class installs and runs the notebooks without a network: docs/classroom.md.
#
#   tools/classroom.sh PYTHON FOLDER WHEEL
#
# PYTHON has logitlab and pip; the folder is for machines like this one with the same Python. Every wheel is that of
# locks/tutorial.lock, checked by its hash here and again where it is installed.
set -eu

python=$1 folder=$2 wheel=$3
cd "$(dirname "$0")/.."
[ -f "$wheel" ] || {
    echo "logitlab: make wheel has to come first; there is no $wheel" >&2
    exit 1
}
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
rm -rf "$folder.part" && mkdir -p "$folder.part/wheels"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$folder.part/wheels" --requirement locks/tutorial.lock
cp "$wheel" "$folder.part/wheels/"
cp locks/tutorial.lock "$("$python" -m logitlab.llms.smol)" "$folder.part/"
mkdir "$folder.part/notebooks" && cp notebooks/*.ipynb "$folder.part/notebooks/"
for script in install start; do
    sed "s/@PYTHON@/$version/" "tools/classroom/$script.sh" >"$folder.part/$script.sh"
done
rm -rf "$folder" && mv "$folder.part" "$folder"
echo "The class's folder is $folder ($(du -sh "$folder" | cut -f 1)), for Python $version on $(uname -sm): docs/classroom.md"
