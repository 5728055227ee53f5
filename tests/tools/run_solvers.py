#!/usr/bin/env python3
"""An array of 1T1R cells in every analysis, its cells eliminated one by one (as `auto` chooses) and its whole
matrix factored by KLU: both give the same numbers. Gate lines once without, once with resistance.

Usage: run_solvers.py PINCH"""

import csv
import os
import subprocess
import sys
import tempfile

ROWS, COLS = 24, 27  # what the cells leave, 1296 nodes, is for GMRES
CELLS = """1T1R {rows} x {cols}, {lines}
.param x=0.1
.model mem taox (x0={{x}}{spread})
.model sw nmos(level=1 vto=0.7 kp=110u lambda=.04 tox=20n cgso=1e-10 cgdo=1e-10)
.subckt cell w b g
Nm w m mem
Mt m g b 0 sw w=10u l=1u
.ends
Yxbar xb wl[0:{r}] bl[0:{c}] gate[0:{r}] cell=cell lines={lines} rw=1 rb=2
Vw[0:{r}] wl[0:{r}] 0 {drive} ac 1
Vg[0:{r}] gate[0:{r}] 0 3
Vb[0:{c}] bl[0:{c}] 0 0
.options linsol={linsol}
{analysis}
.end
"""
SAVE = ".save i(vb[0:{c}]) v(xb.w[3][4]) @xb.x3_4.nm[x]\n".format(c=COLS - 1)

# What is run, the greatest difference as a share of a column's largest value, and whether the solver shows in --stats.
ANALYSES = {
    "op": (SAVE + ".op", 1e-9, True),
    "dc": (SAVE + ".dc vw[3] 0 1 0.1", 1e-9, False),
    "step": (SAVE + ".op\n.step param x list 0.1 0.3 0.6", 1e-9, True),
    "mc": (SAVE + ".op\n.mc 3 seed=2", 1e-9, True),
    "ac": (SAVE + ".ac dec 3 1k 1g", 1e-9, False),
    "noise": (".noise i(vb[2]) vw[3] dec 1 1k 1meg", 1e-9, False),
    "tran": (SAVE + ".tran 10n 0.4u", 1e-4, True),
}


def table(pinch, folder, text):
    """The rows of the only result, and what --stats says."""
    with open(os.path.join(folder, "array.cir"), "w") as file:
        file.write(text)
    done = subprocess.run([pinch, "-b", "--stats", "--csv", "out.csv", "array.cir"], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit("exit status %d:\n%s%s" % (done.returncode, text, done.stdout))
    with open(os.path.join(folder, "out.csv"), newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    return [[float(x) for x in row] for row in rows[1:]], done.stdout


def worst(one, two, name):
    """The greatest difference of a column as a share of its largest value; of transients, whose steps may
    differ, at their end."""
    if name != "tran" and len(one) != len(two):
        return float("inf")
    largest = [max(map(abs, column)) for column in zip(*two)]
    pairs = [(one[-1], two[-1])] if name == "tran" else zip(one, two)
    return max(abs(x - y) / most for a, b in pairs for x, y, most in zip(a, b, largest) if most > 0)


def main():
    pinch = os.path.abspath(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for lines in ("rcg", "rcr"):
            for name, (analysis, tolerance, shown) in ANALYSES.items():
                results = {}
                for linsol in ("auto", "klu"):
                    results[linsol] = table(pinch, folder, CELLS.format(
                        rows=ROWS, cols=COLS, r=ROWS - 1, c=COLS - 1, lines=lines, linsol=linsol, analysis=analysis,
                        drive="0.2 pulse(0.2 0.8 20n 10n 10n 0.2u)" if name == "tran" else "0.2",
                        spread=" dist(x0)=uniform(0.1,0.5)" if name == "mc" else ""))
                (ours, said), (klu, klu_said) = results["auto"], results["klu"]
                error = worst(ours, klu, name)
                eliminated = "cells eliminated" in said and "cells eliminated" not in klu_said
                good = error <= tolerance and (eliminated or not shown)
                failed |= not good
                print("%-5s %s: %d points, %.2g%s%s" % (name, lines, len(ours), error,
                      "" if eliminated or not shown else ", cells were not eliminated", "" if good else "  FAILED"))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
