#!/bin/sh
# JupyterLab with the notebooks; the built-in model answers, and no network is asked:   sh start.sh FOLDER [COMMAND...]
set -eu

folder=$(cd "${1:?"where is it? sh start.sh FOLDER, as in install.sh"}" && pwd)
shift
export LOGITLAB_CONNECT=builtin XDG_CACHE_HOME="$folder/cache" MPLCONFIGDIR="${MPLCONFIGDIR:-$HOME/.config/matplotlib}"
export PATH="$folder/bin:$PATH"
[ $# -gt 0 ] || set -- jupyter lab "$folder/notebooks"
exec "$@"
