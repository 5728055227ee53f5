#!/usr/bin/env python3
"""Claims about random numbers in netlists: laws, correlations, seeds, stuck cells, cycles, noise,
telegraph steps, retention and drift, each on a small generated netlist.

Usage: run_variation.py PINCH"""

import csv
import math
import os
import subprocess
import sys
import tempfile

PINCH = os.path.abspath(sys.argv[1])


def run(text):
    """Columns of the first result by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.cir")
        with open(path, "w") as file:
            file.write(text)
        done = subprocess.run([PINCH, "-q", "--csv", os.path.join(folder, "a.csv"), path],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise SystemExit(text[:300] + done.stdout[-2000:])
        with open(os.path.join(folder, "a.csv")) as file:
            rows = [r for r in csv.reader(l for l in file if not l.startswith("#")) if r]
    names = [n.split(" ")[0].lower() for n in rows[0]]
    return {n: [float(r[k]) for r in rows[1:]] for k, n in enumerate(names)}


def mean(x):
    return sum(x) / len(x)


def deviation(x):
    m = mean(x)
    return math.sqrt(sum((a - m) ** 2 for a in x) / (len(x) - 1))


def correlation(x, y):
    a, b = mean(x), mean(y)
    return sum((p - a) * (q - b) for p, q in zip(x, y)) / (len(x) - 1) / deviation(x) / deviation(y)


def claim(what, value, expected, tolerance):
    good = abs(value - expected) <= tolerance
    print("%s %-52s %.6g, expected %.6g +- %.2g" % ("ok  " if good else "FAIL", what, value, expected, tolerance))
    if not good:
        sys.exit(1)


def array(card, n, what, seed=1, order=1):
    """The values of a quantity of n devices at their operating point."""
    lines = ["n%d a 0 cell" % k for k in range(n)][::order]
    text = "array\nv1 a 0 0.01\n.model cell %s\n%s\n.options seed=%d\n.op\n.save %s\n.end\n" % (
        card, "\n".join(lines), seed, " ".join("@n%d[%s]" % (k, w) for w in what for k in range(n)))
    got = run(text)
    return [[got["@n%d[%s]" % (k, w)][0] for k in range(n)] for w in what]


def laws():
    n = 2000
    card = ("lineardrift (ron=100 roff=16k x0=0.5 dist(ron)=lognormal(0.2) dist(roff)=normal(0.1) "
            "dist(x0)=uniform_abs(0.3) dist(mu)=normal(0.3,1) corr(ron,roff)=0.7)")
    ron, roff, x0, k = array(card, n, ["ron", "roff", "x0", "mu"])
    logs = [math.log(r / 100) for r in ron]
    claim("mean of ln ron", mean(logs), 0, 4 * 0.2 / math.sqrt(n))
    claim("deviation of ln ron", deviation(logs), 0.2, 0.2 * 4 / math.sqrt(2 * n))
    claim("relative deviation of roff", deviation(roff) / 16e3, 0.1, 0.1 * 4 / math.sqrt(2 * n))
    claim("correlation", correlation(logs, roff), 0.7, 4 * 0.51 / math.sqrt(n))
    claim("deviation of uniform x0", deviation(x0), 0.3 / math.sqrt(3), 0.01)
    claim("largest uniform x0", max(x0), 0.8, 2e-3)
    claim("largest |z| behind the cut", max(abs(v / 1e-14 - 1) / 0.3 for v in k), 1, 0.01)
    again = array(card, 50, ["ron"])[0]
    claim("same seed: bits that differ", sum(a != b for a, b in zip(again, ron)), 0, 0)
    turned = array(card, 50, ["ron"], order=-1)[0]
    claim("other order: bits that differ", sum(a != b for a, b in zip(turned, ron)), 0, 0)
    other = array(card, 50, ["ron"], seed=2)[0]
    claim("other seed: values that agree", sum(a == b for a, b in zip(other, ron)), 0, 0)


def runs():
    """.mc draws new devices, .step keeps them."""
    text = "m\nv1 a 0 0.1\nn1 a 0 cell\n.model cell lineardrift (x0=1 dist(ron)=normal(0.1))\n.op\n%s\n.save @n1[ron]\n.end\n"
    for line, n in ((".mc 4", 4), (".step temp list 20 30 40 50", 1)):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.cir")
            with open(path, "w") as file:
                file.write(text.replace(".save", ".print op") % line)
            out = subprocess.run([PINCH, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
        values = {l.split()[1] for l in out.splitlines() if l.startswith("@n1[ron]")}
        claim("different devices in 4 runs of " + line.split()[0], len(values), n, 0)


def stuck():
    n = 2000
    x, = array("lineardrift (x0=0.5 xmin=0.1 xmax=0.9 stuck(max)=0.1 stuck(min)=0.2)", n, ["x"])
    claim("cells stuck at xmax", sum(v == 0.9 for v in x) / n, 0.1, 4 * math.sqrt(0.09 / n))
    claim("cells stuck at xmin", sum(v == 0.1 for v in x) / n, 0.2, 4 * math.sqrt(0.16 / n))
    got = run("s\nv1 a 0 sin(0 1 1k)\n.model cell lineardrift (x0=0.5 xmin=0.1 xmax=0.9 stuck(max)=1)\n"
              "n1 a 0 cell\n.tran 10u 2m\n.save @n1[x]\n.end\n")
    claim("a stuck cell moves by", max(got["@n1[x]"]) - min(got["@n1[x]"]), 0, 0)


def cycles():
    got = run("c\nv1 a 0 pulse(0 0.5 0 1u 1u 100u 400u)\n.model cell vteam (k_off=1e-9 k_on=-1e-9 c2c(ron)=normal(0.1))\n"
              "n1 a 0 cell x0=1.5n\n.tran 4u 40m\n.save @n1[ron] v(a)\n.end\n")
    values = []
    for r, v in zip(got["@n1[ron]"], got["v(a)"]):
        if v > 0.4 and (not values or r != values[-1]):
            values.append(r)
    claim("values of 100 cycles", len(values), 100, 1)
    claim("their mean", mean(values), 50, 4 * 5 / 10)
    claim("their deviation", deviation(values), 5, 4 * 5 / math.sqrt(200))


def noise():
    card = ".model cell lineardrift (x0=0.5 mu=1e-30 %s)\nn1 a 0 cell\n"
    base = "v1 a 0 0.1\n.save @n1[i]\n"
    still = 0.1 / 8050
    got = run("n\n" + base + card % "noise(read)=0.02 noise(dt)=1u" + ".tran 1u 2m\n.end\n")
    slots = {}
    for t, i in zip(got["time"], got["@n1[i]"]):
        slots[int(t / 1e-6 - 1e-6)] = i / still
    i = list(slots.values())
    claim("mean with read noise", mean(i), 1, 4 * 0.02 / math.sqrt(len(i)))
    claim("deviation by read noise", deviation(i), 0.02, 0.02 * 5 / math.sqrt(2 * len(i)))
    got = run("t\n" + base + card % "rtn(a)=0.5 rtn(up)=1e5 rtn(down)=3e5" + ".tran 1u 20m\n.end\n")
    t, i = got["time"], got["@n1[i]"]
    high = sum(b - a for a, b, v in zip(t, t[1:], i) if v > 1.2 * still) / 20e-3
    steps = sum(abs(a - b) > 0.2 * still for a, b in zip(i, i[1:]))
    claim("time in the upper telegraph level", high, 0.25, 0.04)
    claim("telegraph steps", steps, 2 * 20e-3 / (1e-5 + 1 / 3e5), 250)
    claim("the step", max(i) / min(i), 1.5, 1e-6)


def ageing():
    got = run("r\nv1 a 0 0\n.model cell lineardrift (x0=0.9 retention(tau)=1m retention(x)=0.1)\nn1 a 0 cell\n"
              ".options reltol=1e-6\n.tran 10u 3m\n.save @n1[x]\n.end\n")
    claim("state after 3 time constants", got["@n1[x]"][-1], 0.1 + 0.8 * math.exp(-3), 1e-5)
    got = run("d\nv1 a 0 0.1\n.model cell lineardrift (x0=0.5 mu=1e-30 drift(nu)=0.05 drift(t0)=1u)\nn1 a 0 cell\n"
              ".tran 10u 10m\n.save @n1[g]\n.end\n")
    claim("conductance drifted", got["@n1[g]"][-1] * 8050, (1 + 1e4) ** -0.05, 1e-6)


for part in (laws, runs, stuck, cycles, noise, ageing):
    part()
