#!/bin/sh
# Makes a virtual environment that holds what a lock file lists, every file checked by its hash. An environment that is
# there already gets what it lacks.
#
#   tools/environment.sh FOLDER LOCK
#
# Wheels only: a lock that has none for this Python is named at once, in place of a build of NumPy that takes ten
# minutes. Nothing is compiled to bytecode ahead of its first import: that was half of the time and a quarter of the size.
set -eu

folder=$1 lock=$2
python=$("$(dirname "$0")/system.sh" build)
[ -x "$folder/bin/python" ] && "$folder/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$folder"

said=$(mktemp)
trap 'rm -rf "$said" "$said.failed" "$said.files"' EXIT

install() { # pip's lines go to the terminal as they come, and are kept for `why`
    { "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --retries 3 --no-compile \
        --only-binary :all: --require-hashes --requirement "$lock" 2>&1 || : >"$said.failed"; } | tee "$said" >&2
    [ ! -e "$said.failed" ]
}

reached() { # PIN: whether the index answers when it is asked for this package
    ! "$folder/bin/python" -m pip download -vv --no-deps --no-input --retries 0 --only-binary :all: --dest "$said.files" \
        "$1" 2>&1 | grep -E 'Could not fetch URL|not a trusted' >/dev/null
}

why() { # one sentence on pip's lines; pip says "no matching distribution" without a network as well
    missing=$(sed -n 's/.*No matching distribution found for \([^ ;]*\).*/\1/p' "$said" | head -n 1)
    if grep -q 'DO NOT MATCH THE HASHES' "$said"; then
        echo "the index sent a file that is not the one in the lock"
    elif [ -n "$missing" ] && reached "$missing"; then
        version=$("$folder/bin/python" -c 'import platform; print(platform.python_version())')
        echo "there is no wheel of $missing for Python $version on this system; remove $folder and choose another" \
            "Python with make PYTHON=/path/to/python3 (3.11 or newer)"
    elif [ -n "$missing" ] || grep -Eq 'Retrying \(|Could not fetch URL|IncompleteRead|Timeout' "$said"; then
        echo "the Python package index could not be asked (the lines above say more); the first run needs a network"
    else
        echo "the lines above say why"
    fi
}

echo "logitlab: installing the packages of $lock into $folder (about a minute the first time)"
install || {
    echo "logitlab: the packages of $lock could not be installed: $(why)" >&2
    exit 1
}
