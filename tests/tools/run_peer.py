#!/usr/bin/env python3
"""Runs one netlist in ngspice and in Pinch and compares them signal by signal. The
tolerance stands in the netlist, with the signals to compare (all common ones by default):

    *@ peer tol=1e-3 v(out) i(v1)

and, one line each, the results of ngspice that are not compared (the netlist says why):

    *@ skip Integrated Noise

Transients: the mean of |difference| over time. Sweeps: the largest |difference|. Both
relative to the signal's own swing in ngspice (its magnitude where it does not swing). Poles and zeros
are compared in ascending order.

Usage: run_peer.py PINCH NGSPICE NETLIST"""

import os
import shutil
import subprocess
import sys
import tempfile

import rawfile

SCALES = ("time", "frequency", "v-sweep", "v(v-sweep)", "i-sweep", "i(i-sweep)", "temp-sweep",
          "res-sweep")


def directive(path):
    with open(path) as file:
        for line in file:
            if line.startswith("*@ peer"):
                words = line.split()[2:]
                tolerance = float(words[0].partition("=")[2])
                return tolerance, [word.lower() for word in words[1:]]
    raise SystemExit("%s: no *@ peer line" % path)


def skipped(path):
    with open(path) as file:
        return [line[7:].strip().lower() for line in file if line.startswith("*@ skip")]


def interpolate(ts, ys, at):
    """Linear interpolation at the ascending times `at`."""
    out, k = [], 0
    for t in at:
        while k + 2 < len(ts) and ts[k + 1] < t:
            k += 1
        width = ts[k + 1] - ts[k]
        out.append(ys[k] if width <= 0 else ys[k] + (ys[k + 1] - ys[k]) * (t - ts[k]) / width)
    return out


def mean_difference(ta, a, tb, b):
    """Mean over time of |a - b| on the union of both grids."""
    start, end = max(ta[0], tb[0]), min(ta[-1], tb[-1])
    grid = sorted(t for t in set(ta) | set(tb) if start <= t <= end)
    a, b = interpolate(ta, a, grid), interpolate(tb, b, grid)
    total = 0.0
    for k in range(1, len(grid)):
        total += 0.5 * (abs(a[k] - b[k]) + abs(a[k - 1] - b[k - 1])) * (grid[k] - grid[k - 1])
    return total / (end - start)


def swing(values, floor):
    magnitude = max(abs(v) for v in values)
    width = magnitude
    if not isinstance(values[0], complex):
        width = max(values) - min(values)
        if width < 1e-3 * magnitude:
            width = magnitude
    return max(width, floor)


def compare(kind, name, theirs, ours):
    """The error of one signal, relative to its swing."""
    a, b = theirs[name], ours[name]
    width = swing(a, 1e-9 if name.startswith("v") else 1e-12)
    if kind == "time":
        return mean_difference(theirs.data[0], a, ours.data[0], b) / width
    if len(a) != len(b):
        raise SystemExit("%s: %d points in ngspice, %d in pinch" % (theirs.name, len(a), len(b)))
    return max(abs(x - y) for x, y in zip(a, b)) / width


def in_order(plot):
    """Poles and zeros have no order of their own: the same for both programs."""
    for kind in ("pole", "zero"):
        at = [k for k, name in enumerate(plot.names) if kind in name]
        roots = sorted((plot.data[k][0] for k in at), key=lambda z: (round(z.real, 3), z.imag))
        for k, root in zip(at, roots):
            plot.data[k] = [root]


def compare_plots(theirs, ours, wanted, tolerance):
    # ngspice writes @m1[id] as i(@m1[id])
    theirs.names = [n[2:-1] if n[1:3] == "(@" else n for n in theirs.names]
    if theirs.name.lower().startswith("pole-zero"):
        in_order(theirs)
        in_order(ours)
    names = [n for n in theirs.names if n in ours.names and n not in SCALES]
    for name in wanted:
        if name not in names and name not in ours.names:
            print("FAIL %s: pinch has no %s among %s" % (theirs.name, name, " ".join(ours.names)))
            return False
    names = [n for n in names if not wanted or n in wanted]
    if not names:
        print("FAIL %s: nothing to compare: %s | %s" % (theirs.name, theirs.names, ours.names))
        return False
    good = True
    kind = theirs.names[0]
    if kind == "time" and abs(theirs.data[0][-1] - ours.data[0][-1]) > 1e-6 * theirs.data[0][-1]:
        print("FAIL ends at %g in ngspice, %g in pinch" % (theirs.data[0][-1], ours.data[0][-1]))
        good = False
    for name in names:
        error = compare(kind, name, theirs, ours)
        right = error <= tolerance
        print("%s %s %s: %.2e of %.0e" % ("ok  " if right else "FAIL", theirs.name, name, error,
                                        tolerance))
        good = good and right
    return good


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout


def main():
    pinch, ngspice, netlist = sys.argv[1:4]
    if not shutil.which(ngspice):
        print("ngspice is not installed: skipped")
        sys.exit(77)
    netlist = os.path.abspath(netlist)
    tolerance, wanted = directive(netlist)
    with tempfile.TemporaryDirectory() as folder:
        status, text = run([ngspice, "-n", "-b", "-r", "their.raw", netlist], folder)
        if not os.path.exists(os.path.join(folder, "their.raw")):
            raise SystemExit("ngspice exited %d and wrote nothing:\n%s" % (status, text))
        status, text = run([os.path.abspath(pinch), "-b", "-r", "our.raw", netlist], folder)
        if status != 0:
            raise SystemExit("pinch exited %d:\n%s" % (status, text))
        theirs = rawfile.read(os.path.join(folder, "their.raw"))
        ours = rawfile.read(os.path.join(folder, "our.raw"))
    good = True
    left_out = skipped(netlist)
    for plot in theirs:
        if plot.name.lower() in left_out:
            continue
        twin = next((p for p in ours if p.name.lower() == plot.name.lower()), None)
        if twin is None:
            print("FAIL pinch wrote no '%s' but %s" % (plot.name, [p.name for p in ours]))
            good = False
            continue
        ours.remove(twin)
        good = compare_plots(plot, twin, wanted, tolerance) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
