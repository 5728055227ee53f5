# What Pinch needs from Debian, and how to get it: sourced by tools/demo, tools/test
# and .ci/run. Says what it will install before it does; touches nothing when nothing is
# missing, so that a second run needs no network.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages="gcc libc6-dev make cmake pkg-config flex bison libsuitesparse-dev libsundials-dev liblapacke-dev libcminpack-dev gnuplot-nox"
test_packages="check ngspice python3"

die()
{
  echo "${0##*/}: $*" >&2
  exit 1
}

# Prints those of its arguments that are not installed.
missing_packages()
{
  local package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" != "install ok installed" ]; then
      echo "$package"
    fi
  done
}

# Installs what is missing of its arguments, as root or through sudo.
install_packages()
{
  command -v dpkg-query >/dev/null || die "not a Debian system: install by hand: $*"
  local missing become=""
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing packages: ${missing}- run as root, or install sudo"
    become="sudo"
  fi
  echo "Installing from Debian: $missing"
  # shellcheck disable=SC2086 # words are meant to be split
  $become apt-get update -qq </dev/null || echo "apt-get update failed; going on with the lists at hand" >&2
  # shellcheck disable=SC2086
  $become env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null ||
    die "apt-get could not install: $missing"
}

jobs=$(nproc 2>/dev/null || echo 2)

# Configures and builds a preset of CMakePresets.json. $1: preset; the rest goes to cmake.
build_preset()
{
  local preset=$1
  shift
  (cd "$root" && cmake --preset "$preset" "$@" && cmake --build --preset "$preset" -j "$jobs") </dev/null
}
