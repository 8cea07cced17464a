#!/bin/sh
# Installs what this folder holds, without a network, without a compiler, without root:   sh install.sh FOLDER
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?"where to? sh install.sh FOLDER"}

right() { "$1" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' 2>/dev/null; }

python=""
for candidate in "${PYTHON:-python@PYTHON@}" python3; do
    if right "$candidate"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || {
    echo "install.sh: these wheels are for Python @PYTHON@, which is not here; PYTHON=/path/to/python@PYTHON@ names one" >&2
    exit 1
}
echo "Installing into $folder (about a minute)"
"$python" -m venv "$folder"
pip="-m pip install --quiet --disable-pip-version-check --no-index --no-compile --only-binary :all:"
"$folder/bin/python" $pip --find-links "$here/wheels" --require-hashes --requirement "$here/tutorial.lock"
"$folder/bin/python" $pip --no-deps "$here"/wheels/logitlab-*.whl
mkdir -p "$folder/cache/logitlab/models" "$folder/notebooks"
cp "$here"/*.gguf "$folder/cache/logitlab/models/"
cp -r "$here"/notebooks/. "$folder/notebooks/"
# the weights in the layout that the kernels read, so that all processes map one file
XDG_CACHE_HOME="$folder/cache" "$folder/bin/python" -c 'from logitlab.llms import BuiltIn; BuiltIn()'
chmod a+r "$folder"/cache/logitlab/models/*
echo "Installed. Now: sh start.sh $folder"
