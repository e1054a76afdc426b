# Set-up shared by bin/run and bin/test: Python, uv and the virtual environment. Sourced, not run.
# Everything goes into the checkout and YIPING_HOME; only packages of the operating system need root or sudo.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
UV_VERSION=0.13.9
YIPING_HOME="${YIPING_HOME:-$ROOT/.yiping}"
case "$YIPING_HOME" in /*) ;; *) YIPING_HOME="$PWD/$YIPING_HOME" ;; esac
export YIPING_HOME
VENV="$ROOT/.venv"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# Run a command as root, through sudo where we are somebody else.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 127
  fi
}

apt_once() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@"
}

# Install Debian packages; the lists of packages are fetched only if that fails without.
apt_install() {
  local log
  log="$(mktemp)"
  say "Installing $* (once) ..."
  if apt_once "$@" >"$log" 2>&1 || { as_root apt-get update -q >"$log" 2>&1 && apt_once "$@" >>"$log" 2>&1; }; then
    rm -f "$log"
    return 0
  fi
  tail -n 3 "$log" >&2
  rm -f "$log"
  return 1
}

usable_python() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Print the path of a Python that can make virtual environments, or nothing.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && usable_python "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

ensure_python() {
  find_python && return 0
  if command -v apt-get >/dev/null; then
    apt_install python3 python3-venv && find_python && return 0
    apt_install python3.11 python3.11-venv && find_python && return 0 # Ubuntu 22.04 has an older python3
  fi
  fail "Yiping needs Python 3.11 or newer with venv, and none was found: install it" \
    "(Debian/Ubuntu: apt install python3 python3-venv; macOS: brew install python) and start again."
}

# Print the path of uv; without one on the PATH, install a private one.
ensure_uv() {
  local tools="$YIPING_HOME/tools"
  if command -v uv; then return 0; fi
  if [ ! -x "$tools/bin/uv" ]; then
    say "Installing uv $UV_VERSION into $tools (once) ..."
    "$1" -m venv --clear "$tools" >&2 && "$tools/bin/python" -m pip install -q "uv==$UV_VERSION" >&2 ||
      fail "uv could not be installed with pip, see above: check the network or the package mirror (PIP_INDEX_URL)," \
        "or install uv yourself (https://docs.astral.sh/uv) and start again."
  fi
  printf '%s\n' "$tools/bin/uv"
}

# What the virtual environment must be made from: the lock, the project file, and where it is.
wanted_stamp() {
  (cd "$ROOT" && cksum requirements.lock pyproject.toml && printf '%s\n' "$ROOT")
}

stamp_is_fresh() {
  [ -x "$VENV/bin/python" ] && [ -f "$VENV/yiping.stamp" ] && [ "$(cat "$VENV/yiping.stamp")" = "$(wanted_stamp)" ]
}

# One chain of &&, because bash ignores `set -e` in whatever stands before a ||.
build_venv() {
  local python uv
  python="$(ensure_python)" && uv="$(ensure_uv "$python")" &&
    say "Installing the Python packages into $VENV (once) ..." &&
    { [ -x "$VENV/bin/python" ] || "$uv" venv -q --clear --python "$python" "$VENV"; } &&
    rm -f "$VENV/yiping.stamp" &&
    "$uv" pip sync -q --compile-bytecode --python "$VENV/bin/python" --require-hashes "$ROOT/requirements.lock" &&
    "$uv" pip install -q --python "$VENV/bin/python" --no-deps --no-build-isolation -e "$ROOT" &&
    wanted_stamp >"$VENV/yiping.stamp"
}

# Make the virtual environment of this checkout, or find it as it should be.
ensure_venv() {
  stamp_is_fresh && return 0
  [ -w "$ROOT" ] || fail "$(id -un) may not write in $ROOT, where the Python packages go: start as its owner," \
    "or clone the repository into a folder of your own."
  mkdir -p "$YIPING_HOME" 2>/dev/null && [ -w "$YIPING_HOME" ] ||
    fail "$(id -un) may not write in $YIPING_HOME: set YIPING_HOME to a folder of your own."
  (
    if command -v flock >/dev/null; then exec 9>"$YIPING_HOME/setup.lock" && flock 9; fi
    stamp_is_fresh || build_venv
  ) || fail "The Python packages are not complete, see above; start again when that is solved."
}
