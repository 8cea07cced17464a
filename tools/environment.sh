#!/bin/sh
# Makes a virtual environment that holds what a lock file lists, every file checked by its hash.
#
#   tools/environment.sh FOLDER LOCK
set -eu

folder=$1 lock=$2
python=$("$(dirname "$0")/system.sh" build)
[ -x "$folder/bin/python" ] && "$folder/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$folder"

echo "logitlab: installing the packages of $lock into $folder (about a minute the first time)"
"$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes --requirement "$lock" || {
    echo "logitlab: the packages of $lock could not be installed (the lines above say why);" \
        "the first run needs a network that reaches the Python package index" >&2
    exit 1
}
