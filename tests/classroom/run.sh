#!/bin/sh
# Installs a class's folder and runs its notebooks with the network namespace cut, as root:   tests/classroom/run.sh FOLDER
set -eu

cd "$(dirname "$0")/../.."
folder=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cp tools/run_notebook.py tests/classroom/thirty.py "$place"
unshare --net sh -eu -c '
! python3 -c "import socket; socket.create_connection((\"deb.debian.org\", 80), 5)" 2>/dev/null
export HOME=$1/home && mkdir "$HOME"
sh "$0/install.sh" "$1/a class"
for notebook in "$1/a class/notebooks"/0[123]-*.ipynb; do
    sh "$0/start.sh" "$1/a class" python "$1/run_notebook.py" "$notebook" --quiet
    echo "ran $(basename "$notebook")"
done
sh "$0/start.sh" "$1/a class" jupyter lab --version
chmod -R a-w "$1/a class/cache"
sh "$0/start.sh" "$1/a class" python "$1/thirty.py"
echo "classroom: installed and run with the network cut"
' "$folder" "$place"
