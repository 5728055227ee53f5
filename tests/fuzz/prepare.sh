# Sourced by run and sweep: builds the fuzz targets with clang in $build and makes the corpus anew of the examples,
# the bad netlists, their rawfiles and their control sections: $build/corpus/{netlist,raw,control}.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=build-fuzz
cmake -S . -B "$build" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPINCH_FUZZ=ON \
  -DBUILD_TESTING=OFF \
  -DCMAKE_C_FLAGS="-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -Wno-unknown-pragmas" \
  >/dev/null
cmake --build "$build" -j "${FUZZ_JOBS:-$(nproc)}" >/dev/null
corpus=$build/corpus
rm -rf "$corpus"
mkdir -p "$corpus/netlist" "$corpus/raw" "$corpus/control"
find netlists tests/bad tests/peers tests/golden -name '*.cir' -size -64k | LC_ALL=C sort |
  xargs -d '\n' cp --no-clobber -t "$corpus/netlist"
for netlist in netlists/rc.cir netlists/rlc.cir tests/peers/noise_ladder.cir tests/peers/ac_filter.cir \
  tests/peers/dc_nested.cir; do
  name=$(basename "$netlist" .cir)
  "$build/pinch" -b -q -r "$corpus/raw/$name.raw" "$netlist" >/dev/null
  "$build/pinch" -b -q --ascii -r "$corpus/raw/$name.ascii.raw" "$netlist" >/dev/null
done
for netlist in tests/peers/control/*.cir tests/bad/ctl_*.cir; do # the lines of their control sections
  sed -n '/^\.control/,/^\.endc/{/^\.control/d;/^\.endc/d;p}' "$netlist" \
    >"$corpus/control/$(basename "$netlist" .cir)"
done
