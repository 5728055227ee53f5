#!/usr/bin/env python3
"""The fingerprints of memristors, for every model with a loop under docs/reference/images/: the lobes of its
loop shrink at high frequency, and the immittance that .ac gives is that of a small sine in the transient.

Usage: run_fingerprints.py PINCH FOLDER [MODEL...]"""

import cmath
import csv
import os
import re
import subprocess
import sys
import tempfile

PINCH = os.path.abspath(sys.argv[1])
TOLERANCE = 1e-4  # of the admittance
# Biased like the volatile ones: jart_vcm's contact has a corner at 0 V, the states of others relax there.
BIASED = {"jart_vcm": "", "memdiode": " op=steady", "mtj": " op=steady"}
# On its branch of rising temperature: a small sine alone would run around minor loops of the hysteresis.
BRANCHED = {"vo2"}
VOLATILE = re.compile(r"^\s+(\S+) .*, volatile$")


def run(text):
    """Rows of numbers of the only result; None when the run failed."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "a.cir"), os.path.join(folder, "a.csv")
        with open(path, "w") as file:
            file.write(text)
        done = subprocess.run([PINCH, "-q", "--csv", out, path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            print(text + done.stdout[-500:])
            return None
        with open(out) as file:
            rows = [r for r in csv.reader(l for l in file if not l.startswith("#")) if r]
    return [[float(x) for x in r] for r in rows[1:]]


def area(rows, period, amplitude):
    """Both lobes of the last period, relative to the rectangle around the loop."""
    last = [r for r in rows if r[0] >= rows[-1][0] - 1.0001 * period]
    middle = rows[-1][0] - 0.5 * period
    lobes = [0.0, 0.0]
    for a, b in zip(last, last[1:]):
        lobes[0.5 * (a[0] + b[0]) > middle] += 0.5 * (a[2] + b[2]) * (b[1] - a[1])
    return sum(map(abs, lobes)) / (2 * amplitude * max(abs(r[2]) for r in last))


def shrinks(model, amplitude, f):
    areas = []
    for factor in (1, 1e3, 1e6, 1e9, 1e12):
        rows = run("loop\nv1 a 0 sin(0 %g %g)\nn1 a 0 cell\n.model cell %s\n.tran %g %g 0 %g\n.save v(a) @n1[i]\n.end\n" % (
            amplitude, f * factor, model, 0.01 / f / factor, 2 / f / factor, 0.004 / f / factor))
        if rows is None:
            return False
        areas.append(area(rows, 1 / f / factor, amplitude))
    good = areas[-1] < 0.02 * max(areas)
    print("%s %-12s lobes: %s" % ("ok  " if good else "FAIL", model, " ".join("%.3g" % a for a in areas)))
    return good


def admittance(model, bias, f):
    rows = run("ac\nv1 a 0 dc %.12g ac 1\nn1 a 0 cell%s\n.model cell %s\n.ac lin 1 %.12g %.12g\n.save i(v1)\n.end\n" % (
        bias, BIASED.get(model, ""), model, f, f))
    return None if rows is None else -complex(rows[0][-2], rows[0][-1])


def phasor(rows, column, f, from_time):
    sum_of = 0
    last = [r for r in rows if r[0] >= from_time * (1 - 1e-9)]
    for a, b in zip(last, last[1:]):
        sum_of += 0.5 * (b[0] - a[0]) * sum(r[column] * cmath.exp(-2j * cmath.pi * f * r[0]) for r in (a, b))
    return sum_of


def small_signal(model, bias, amplitude, f, periods):
    rows = run("tran\nv1 a 0 sin(%.12g %.12g %.12g)\nn1 a 0 cell%s\n.model cell %s\n.options method=trbdf2 reltol=1e-7\n"
               ".tran %.12g %.12g 0 %.12g\n.save v(a) i(v1)\n.end\n" % (
                   bias, amplitude, f, BIASED.get(model, ""), model, 1 / (600 * f), periods / f, 1 / (600 * f)))
    if rows is None:
        return None
    start = (periods - 1) / f
    return -phasor(rows, 2, f, start) / phasor(rows, 1, f, start)


def on_a_branch(model, bias, amplitude, f, periods):
    """As small_signal, on a ramp steep enough that the voltage never falls: half of the difference between sines of both
    signs, whose middle period lies at the bias."""
    ramp, start = 1.5 * 2 * cmath.pi * amplitude * f, (periods - 1) / f
    first = bias - ramp * (start + 0.5 / f)
    y = []
    for sign in (1, -1):
        rows = run("branch\nv1 b 0 sin(0 %.12g %.12g)\nv2 a b pwl(0 %.12g %.12g %.12g)\nn1 a 0 cell\n.model cell %s\n"
                   ".options method=trbdf2 reltol=1e-9\n.tran %.12g %.12g 0 %.12g\n.save v(b) i(v1)\n.end\n" % (
                       sign * amplitude, f, first, periods / f, first + ramp * periods / f, model, 1 / (600 * f),
                       periods / f, 1 / (600 * f)))
        if rows is None:
            return None
        y.append((phasor(rows, 2, f, start), phasor(rows, 1, f, start)))
    return -(y[0][0] - y[1][0]) / (y[0][1] - y[1][1])


def corner(model, bias, f):
    """Where the admittance is half-way between its ends; f itself when it does not change."""
    points = [(10.0 ** (k / 2), admittance(model, bias, 10.0 ** (k / 2))) for k in range(-8, 27)]
    if any(y is None for _, y in points):
        return f
    low, high = points[0][1], points[-1][1]
    if abs(low - high) < 1e-3 * abs(high):
        return f
    return min(points, key=lambda p: abs(abs(p[1] - high) / abs(low - high) - 0.7071))[0]


def immittance(model, amplitude, f, volatile):
    volatile |= model in BIASED
    bias = 0.3 * amplitude if volatile else 0
    if model in BRANCHED:
        amplitude *= 0.05 # the ramp moves the working point by as much, and the temperature lags behind it
    respond = on_a_branch if model in BRANCHED else small_signal
    centre, worst = corner(model, bias, f), 0
    for factor in (0.1, 0.3, 1, 3, 10):
        small = (2e-4 if volatile else 1e-6) * amplitude # at rest nothing but the curvature of i(v) matters
        ac = admittance(model, bias, centre * factor)
        tran = respond(model, bias, small, centre * factor, 3 + int(3 * factor))
        if ac is None or tran is None:
            return False
        worst = max(worst, abs(ac - tran) / abs(ac))
    print("%s %-12s immittance around %.3g Hz at %.3g V: %.2g apart" % (
        "ok  " if worst <= TOLERANCE else "FAIL", model, centre, bias, worst))
    return worst <= TOLERANCE


def main():
    folder, wanted = sys.argv[2], sys.argv[3:]
    listed = subprocess.run([PINCH, "models"], stdout=subprocess.PIPE, text=True).stdout
    volatile = {m.group(1) for m in map(VOLATILE.match, listed.splitlines()) if m}
    good, compared = True, 0
    for name in sorted(os.listdir(folder)):
        model = name[:-4]
        if not name.endswith(".cir") or (wanted and model not in wanted):
            continue
        with open(os.path.join(folder, name)) as file:
            sine = re.search(r"^\S+ under a sine\nv1 a 0 sin\(0 (\S+) (\S+)\)", file.read())
        if not sine: # transistors and their kind have other curves
            continue
        amplitude, f = map(float, sine.groups())
        compared += 1
        good &= shrinks(model, amplitude, f)
        good &= immittance(model, amplitude, f, model in volatile)
    sys.exit(0 if good and compared else 1)


if __name__ == "__main__":
    main()
