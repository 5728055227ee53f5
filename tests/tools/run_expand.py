#!/usr/bin/env python3
"""Runs a netlist in Pinch and its flat form (pinch expand) in ngspice, and compares signals. The
tolerance stands in the netlist with the signals, each as OURS=THEIRS or one name for both; a
state is a voltage from 0 to 1 there, so that its bounds follow:

    *@ expand tol=2e-3 i(vw_0) @xb1.n[0][0][x]=v(xxb1.n_0_0.st):0.001:1

Transients: the mean of |difference| over time, relative to the signal's swing; operating points:
the difference, relative to the value.

Usage: run_expand.py PINCH NGSPICE NETLIST"""

import os
import shutil
import sys
import tempfile

import rawfile
from run_peer import compare, run


def directive(path):
    with open(path) as file:
        for line in file:
            if line.startswith("*@ expand"):
                words = line.split()[2:]
                return float(words[0].partition("=")[2]), words[1:]
    raise SystemExit("%s: no *@ expand line" % path)


class Renamed:
    """A plot whose one signal has the name and the unit of its twin."""

    def __init__(self, plot, name, own, bounded, low, high):
        self.names, self.name = [name], plot.name
        self.data = [plot.data[0]]
        if bounded:  # steps of ngspice end beyond the bound
            self.values = [low + (high - low) * min(max(v, 0), 1) for v in plot[own]]
        else:
            self.values = plot[own]

    def __getitem__(self, name):
        return self.values


def flat(name):
    return name.replace("[", "_").replace("]", "")


def main():
    pinch, ngspice, netlist = sys.argv[1:4]
    if not shutil.which(ngspice):
        print("ngspice is not installed: skipped")
        sys.exit(77)
    pinch, netlist = os.path.abspath(pinch), os.path.abspath(netlist)
    tolerance, signals = directive(netlist)
    with tempfile.TemporaryDirectory() as folder:
        status, text = run([pinch, "expand", netlist], folder)
        if status != 0:
            raise SystemExit("pinch expand exited %d:\n%s" % (status, text))
        with open(os.path.join(folder, "flat.cir"), "w") as file:
            file.write(text)
        status, text = run([ngspice, "-n", "-b", "-r", "their.raw", "flat.cir"], folder)
        if not os.path.exists(os.path.join(folder, "their.raw")):
            raise SystemExit("ngspice exited %d and wrote nothing:\n%s" % (status, text))
        status, text = run([pinch, "-b", "-r", "our.raw", netlist], folder)
        if status != 0:
            raise SystemExit("pinch exited %d:\n%s" % (status, text))
        theirs = rawfile.read(os.path.join(folder, "their.raw"))[0]
        ours = rawfile.read(os.path.join(folder, "our.raw"))[0]
    good = True
    for signal in signals:
        own, _, rest = signal.partition("=")
        their, _, bounds = (rest or own).partition(":")
        low, _, high = (bounds or "0:1").partition(":")
        name = next((n for n in ours.names if flat(n) == flat(own)), None)
        their = flat(their)
        if name is None or their not in theirs.names:
            print("FAIL %s is not in %s" % (signal, "ngspice's results" if name else ours.names))
            good = False
            continue
        twin = Renamed(theirs, name, their, bounds != "", float(low), float(high))
        error = compare(theirs.names[0], name, twin, ours)
        right = error <= tolerance
        print("%s %s: %.2e of %.0e" % ("ok  " if right else "FAIL", name, error, tolerance))
        good = good and right
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
