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
    # the gap of Guan et al. (2012): a walk of steps chi dgap hot T, its hot part 0.02 m/s/(1 + exp((450 - 298)/500)) at rest
    got = run("g\nv1 a 0 0\n.model cell stanford (g0=0.9n noise(chi)=normal_abs(1) noise(dt)=1n)\nn1 a 0 cell\n"
              ".options seed=5 reltol=1e-6\n.tran 1n 400n\n.save @n1[g]\n.end\n")
    t, g = got["time"], got["@n1[g]"]
    at = {round(a / 1e-9): b for a, b in zip(t, g) if abs(a / 1e-9 - round(a / 1e-9)) < 1e-6}
    steps = [at[k + 1] - at[k] for k in range(399) if k in at and k + 1 in at]
    size = 0.02 / (1 + math.exp((450 - 298) / 500)) * 1e-9
    claim("steps of the Stanford gap's walk", len(steps), 399, 0)
    claim("their mean over their size", mean(steps) / size, 0, 4 / math.sqrt(len(steps)))
    claim("their deviation over their size", deviation(steps) / size, 1, 4 / math.sqrt(2 * len(steps)))
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


def spectra():
    """.noise against the densities of flicker, of a random telegraph and of values held for a time: a memristor of
    8050 ohm with as much in series, so that what it makes appears times 4025 ohm."""
    i, thermal = 0.1 / 16100, 4 * 1.380649e-23 * 300.15 / 4025

    def density(card, f):
        got = run("n\nv1 in 0 dc 0.1 ac 1\nr1 in out 8050\nn1 out 0 cell\n.model cell lineardrift (x0=0.5 mu=1e-30 %s)\n"
                  ".noise v(out) v1 lin 1 %r %r\n.save onoise\n.end\n" % (card, f, f))
        column = next(c for name, c in got.items() if name.startswith("onoise"))
        return (column[0] / 4025) ** 2 - thermal

    for f in (1.0, 1e3):
        claim("flicker at %g Hz" % f, density("noise(kf)=1e-8", f) / (i * i * 1e-8 / f), 1, 1e-6)
        claim("flicker of other exponents at %g Hz" % f,
              density("noise(kf)=1e-13 noise(af)=1 noise(ef)=1.2", f) / (i * 1e-13 / f**1.2), 1, 1e-6)
    up, down, step = 1e3, 3e3, 1e-3
    for f in (1.0, (up + down) / (2 * math.pi), 1e4):
        total = up + down
        low = i # the upper level moves the working point by half of the step, times its own 1e-3
        want = 4 * (step * low) ** 2 * up * down / (total * (total**2 + (2 * math.pi * f) ** 2))
        claim("telegraph at %.4g Hz" % f, density("rtn(a)=1e-3 rtn(up)=1e3 rtn(down)=3e3", f) / want, 1, 2e-3)
    for f in (1.0, 5e3, 15e3):
        x = math.pi * f * 1e-4
        want = 2 * (1e-3 * i) ** 2 * 1e-4 * (math.sin(x) / x) ** 2
        claim("held values at %g Hz" % f, density("noise(read)=1e-3 noise(dt)=0.1m", f) / want, 1, 5e-3)
    hot = run("n\nv1 in 0 dc 0 ac 1\nr1 in out 8050 temp=-273.14\nn1 out 0 cell temp=327\n"
              ".model cell lineardrift (x0=0.5 mu=1e-30)\n.noise v(out) v1 lin 1 1k 1k\n.save onoise\n.end\n")
    column = next(c for name, c in hot.items() if name.startswith("onoise"))
    claim("thermal noise at 600.15 K", (column[0] / 4025) ** 2 / (4 * 1.380649e-23 * 600.15 / 8050), 1, 1e-4)


def filaments():
    """jart_vcm's radius goes where r_next says as far as n goes to its bound, and c2c draws it for each polarity."""
    text = ("j\nv1 a 0 pwl(0 0 1u -0.9 1m -0.9 1.001m -0.1 1.1m -0.1)\nn1 a 0 wander\nn2 a 0 narrow\nn3 a 0 plain\n"
            ".model wander jart_vcm (n0=0.1 r_next=0.8)\n.model narrow jart_vcm (n0=0.1 radius=36n rth0=24.5625e6)\n"
            ".model plain jart_vcm (n0=0.1)\n.tran 1u 1.1m\n.save @n1[i] @n2[i] @n3[i] @n1[n]\n.end\n")
    got = run(text)
    i1, i2, i3 = (got["@n%d[i]" % k][-1] for k in (1, 2, 3))
    claim("current of a disc that became narrow", i1 / i2, 1, 0.03)
    claim("a disc that did not is wider", i3 / i2 > 1.03, True, 0)
    text = ("c\nv1 a 0 pulse(1.2 -1 0 1u 1u 50u 100u)\nn1 a 0 cell\n"
            ".model cell jart_vcm (c2c(r_next)=normal(0.1,2) c2c(l_next)=normal(0.1,2))\n"
            ".tran 1u 1m\n.save v(a) @n1[i] @n1[r_next]\n.end\n")
    got = run(text)
    drawn = sorted({r for r in got["@n1[r_next]"]})
    claim("radii drawn in 20 half cycles", len(drawn), 20, 2)
    low = [i for v, i, after in zip(got["v(a)"], got["@n1[i]"], got["v(a)"][1:]) if v == -1 and after > -1]
    claim("spread of the set current", deviation(low) / abs(mean(low)) > 0.01, True, 0)


for part in (laws, runs, stuck, cycles, noise, spectra, ageing, filaments):
    part()
