#!/usr/bin/env python3
"""Fits models to their own output with noise: the parameters that made it must lie in their 95 % confidence
intervals, 95 times in a hundred. Of 320 (those of one fit are correlated) 92 to 98 % may.

Usage: run_fit.py PINCH"""

import csv
import os
import random
import re
import subprocess
import sys
import tempfile

PINCH = os.path.abspath(sys.argv[1])
ROW = re.compile(r"^\s+(\w+)\s.*?(\S+)\s+(\S+)\s+(\S+) \.\.\. (\S+)$")

SEEDS = 20  # of each case

# name, voltage, its period (s), parameters behind the data, starts, relative residuals, noise
CASES = [
    ("vteam", "sin(0 1 1meg)", 1e-6, {"ron": 120, "roff": 2500, "k_off": 0.004, "v_off": 0.1},
     {"ron": 100, "roff": 2000, "k_off": 0.003, "v_off": 0.12}, False, 0.01),
    ("yakopcic", "sin(0 1 100)", 1e-2, {"a1": 0.2, "ap": 3000}, {"a1": 0.1, "ap": 4000}, False, 0.01),
    ("lineardrift", "pulse(-1 1 0 1m 1m 0.2 0.4)", 0.4, {"roff": 12e3, "x0": 0.3}, {"roff": 16e3, "x0": 0.4}, True, 0.02),
    # trains of pulses: writing one way and the other
    ("taox", "pulse(-0.5 0.52 0 1n 1n 0.5u 1u)", 1e-6, {"s_on": 0.47, "gm": 0.022, "x0": 0.3},
     {"s_on": 0.45, "gm": 0.025, "x0": 0.25}, True, 0.02),
    ("vteam", "pulse(-0.5 0.5 0 10n 10n 0.5u 1u)", 1e-6, {"roff": 2500, "k_off": 4e-4, "k_on": -0.002},
     {"roff": 2000, "k_off": 3e-4, "k_on": -0.003}, True, 0.02),
    ("yakopcic", "pulse(-0.5 0.5 0 10u 10u 0.5m 1m)", 1e-3, {"a1": 0.2, "ap": 3000}, {"a1": 0.17, "ap": 4000}, True,
     0.02),
]


def run(*args, text=None):
    done = subprocess.run([PINCH, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode:
        raise SystemExit("pinch %s exited %d: %s" % (" ".join(args), done.returncode, done.stdout[-2000:]))
    return done.stdout


def measure(folder, model, wave, period, true):
    """What the model does: rows of time, v, i, about 100."""
    path, out = os.path.join(folder, "made.cir"), os.path.join(folder, "made.csv")
    with open(path, "w") as file:
        file.write("made\nv1 a 0 %s\nn1 a 0 cell\n.model cell %s (%s)\n.options reltol=1e-7\n.tran %g %g 0 %g\n"
                   ".save v(a) @n1[i]\n.end\n" % (wave, model, " ".join("%s=%.17g" % p for p in true.items()),
                                                  period / 40, 1.5 * period, period / 60))
    run("-q", "--csv", out, path)
    with open(out) as file:
        rows = [r for r in csv.reader(l for l in file if not l.startswith("#")) if r][1:]
    rows = [[float(x) for x in r[:3]] for r in rows]
    return [r for k, r in enumerate(rows) if k == 0 or r[0] > rows[k - 1][0]]


def main():
    random.seed(1)
    inside = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for model, wave, period, true, start, relative, noise in CASES:
            rows = measure(folder, model, wave, period, true)
            size = max(abs(r[2]) for r in rows)
            for seed in range(SEEDS):
                data = os.path.join(folder, "data.csv")
                with open(data, "w") as file:
                    file.write("time,v,i\n")
                    for t, v, i in rows:
                        sigma = noise * (abs(i) if relative else size)
                        file.write("%.17g,%.17g,%.17g\n" % (t, v, i + random.gauss(0, sigma)))
                text = run("fit", model, data, "--fit", ",".join("%s=%g" % p for p in start.items()),
                           *(["--relative"] if relative else []))
                found = {m.group(1): [float(x) for x in m.groups()[2:]] for m in map(ROW.match, text.splitlines()) if m}
                for name, value in true.items():
                    if name not in found:
                        raise SystemExit("%s: no interval for %s\n%s" % (model, name, text))
                    fitted, low, high = found[name]
                    good = low <= value <= high
                    inside += good
                    total += 1
                    if not good:
                        print("%s %-12s %-6s true %.6g fitted %.6g in %.6g ... %.6g" % (
                            "ok  " if good else "out ", model, name, value, fitted, low, high))
                    if abs(fitted - value) > 1.5 * (high - low):
                        raise SystemExit("%s: %s is far off\n%s" % (model, name, text))
    print("%d of %d true values lie in their 95 %% intervals" % (inside, total))
    sys.exit(0 if 0.92 * total <= inside <= 0.98 * total else 1)


if __name__ == "__main__":
    main()
