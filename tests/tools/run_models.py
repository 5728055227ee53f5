#!/usr/bin/env python3
"""Runs a memristor under a sine, pulses and a sweep in Pinch, and integrates the paper's equations
(published_points.py, which shares nothing with the models) by a Dormand-Prince method of its own: the
states must agree to 1e-6 of their range.

Usage: run_models.py PINCH MODEL"""

import re
import subprocess
import sys
import tempfile
from math import pi, sin

import published_points as paper

class Case:
    """A model: its formula v, states... -> i, rates, or a class of such with a memory; numbers that the formula takes besides; states as (name,
    initial parameter (None: another state's), initial value, least, largest); the sine's amplitude (V) and period
    (s); what stands on the card; the |v| at which rates jump; in how many steps at least each piece is done."""

    def __init__(self, formula, states, amplitude, period, numbers=(), card="", jump=None, steps=300):
        self.formula, self.states, self.numbers, self.card = formula, states, numbers, card
        self.jump, self.steps = jump, steps
        self.amplitude, self.period = amplitude, period

    def rates(self, formula, v, x):
        inside = [min(max(y, s[3]), s[4]) for y, s in zip(x, self.states)]
        g = formula(v, *inside, *self.numbers)[1]
        g = g if isinstance(g, tuple) else (g,)
        # states stop at their bounds
        return [0.0 if (y <= s[3] and r < 0) or (y >= s[4] and r > 0) else r for y, s, r in zip(x, self.states, g)]


def x(initial, least=0, most=1, name="x"):
    return (name, name + "0", initial, least, most)


CASES = {
    "taox": Case(paper.taox, [x(0.3, 1e-3)], 0.45, 1e-6),
    "nbox": Case(paper.nbox, [x(300.0, 250, 600)], 0.9, 1e-6),
    "vteam": Case(paper.vteam, [x(1.5e-9, 0, 3e-9)], 0.22, 1e-7),
    "lineardrift": Case(paper.lineardrift, [x(0.3)], 0.5, 1.0),
    "yakopcic": Case(paper.yakopcic, [x(0.3)], 0.4, 2e-3, paper.OBLEA),
    "wox": Case(paper.wox, [x(0.4)], 0.9, 0.5),
    "tiox": Case(paper.tiox, [x(14e3, 1e3, 50e3, "r")], 0.5, 0.2, paper.DUT2),
    "mss": Case(paper.mss, [x(0.5)], 0.25, 1e-4, (0.8,)),
    "team": Case(paper.team, [x(1.5e-9, 0, 3e-9)], 0.3, 2e-3, paper.TEAM_XYCE),
    "memdiode": Case(paper.memdiode, [x(0.5, name="h")], 1.0, 1.0, paper.AGUIRRE),
    "nbox_analog": Case(paper.nbox_analog, [x(0.15, 0.09, 0.3)], 2.0, 10.0),
    "nili": Case(paper.nili, [x(30e-6, 3.16e-6, 316e-6, "g"), ("age", "age0", 0.0, 0, 1.0),
                              ("gs", None, 30e-6, 3.16e-6, 316e-6)], 0.95, 1e-3, (1e-6, 0.7), "t_rest=1u z_write=0.7", 0.8),
    "stanford": Case(paper.stanford, [x(0.7e-9, 0.1e-9, 1.7e-9, "g"), x(298.0, 100, 5000, "t")], 1.5, 20e-9),
    "pcm": Case(paper.pcm, [x(0.3), x(20.0, -100, 5000, "t"),
                                                ("age", "age0", 0.0, 0, 1.0)], 3.4, 100e-9),
    "diffusive_usc": Case(paper.diffusive_usc, [x(0.1, name="f"), x(0.05, name="r")], 0.04, 1.0),
    "diffusive": Case(paper.diffusive, [x(0.3e-9, 0, 2e-9, "phi"), x(0.2e-9, 0.2e-9, 5e-9, "gap")], 0.3, 1e-3,
                      (2e-5,), "t_close=20u"),
    "ecm": Case(paper.ecm, [x(15e-9, 0.1e-9, 20e-9)], 0.8, 0.05),
    "al2o3": Case(paper.al2o3, [x(0.3)], 1.5, 0.05),
    "mtj": Case(paper.mtj, [x(0.3, -0.9925, 0.9925, "m")], 0.1, 1e-9),
    "qpc": Case(paper.qpc, [x(1.6, 0, 8, "w")], 0.3, 5e-3),
    "pickett": Case(paper.pickett, [x(1.6e-9, 1.1e-9, 2e-9, "w")], 0.6, 1e3),
    "jart_vcm": Case(paper.jart_vcm, [x(1.0, 0.008, 20, "n")], 0.6, 1e-6, steps=60),
    "vo2": Case(paper.Vo2, [x(325.0, 200, 1000, "t")], 8.0, 2e-6, steps=3000),
    "pulse": Case(paper.pulse, [x(0.3, name="w"), ("ws", None, 0.3, 0, 1)], 3.0, 2e-3, paper.NEUROSIM + (2e-5,),
                  "t_rest=20u", 2.0),
    "pershin": Case(paper.pershin, [x(5e3, 1e3, 10e3, "r")], 4.65, 1e-8),
    "thermal": Case(paper.thermal, [x(300.0, 100, 1500, "t")], 0.6, 1e-6),
    "mott": Case(paper.mott, [x(0.3, 1e-6, 0.99999, "u")], 1.0, 2e-10),
    "ag2s": Case(paper.ag2s, [x(0.5)], 0.25, 1e-3),
    "agmos2": Case(paper.agmos2, [x(0.02, 1e-6)], 0.9, 0.02),
}


def drives(amplitude, period):
    """Three drives of two periods: netlist text, function of time, corners."""
    a, t = amplitude, period
    points = [(0, 0), (0.5, a), (1, 0), (1.5, -a), (2, 0)]

    def pulse(at):
        if at >= 2 * t:
            return 0.0
        phase = (at / t) % 1.0
        edge = 0.01
        if phase < edge:
            return a * phase / edge
        if phase < 0.3:
            return a
        return a * (0.3 + edge - phase) / edge if phase < 0.3 + edge else 0.0

    def sweep(at):
        for (t0, v0), (t1, v1) in zip(points, points[1:]):
            if at / t <= t1:
                return v0 + (v1 - v0) * (at / t - t0) / (t1 - t0)
        return 0.0

    corners = sorted({k + d for k in (0, 1) for d in (0, 0.01, 0.3, 0.31)} | {2})
    return [
        (f"sin(0 {a!r} {1 / t!r})", lambda at: a * sin(2 * pi * at / t), [0, 0.5, 1, 1.5, 2]),
        (f"pulse(0 {a!r} 0 {0.01 * t!r} {0.01 * t!r} {0.29 * t!r} {t!r})", pulse, corners),
        ("pwl(" + " ".join(f"{k * t!r} {v!r}" for k, v in points) + ")", sweep, [0, 0.5, 1, 1.5, 2]),
    ]


# Dormand-Prince 5(4): stages, weights of order 5, and their difference to order 4
STAGES = [(1 / 5, [1 / 5]), (3 / 10, [3 / 40, 9 / 40]), (4 / 5, [44 / 45, -56 / 15, 32 / 9]),
          (8 / 9, [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729]),
          (1, [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656])]
FIFTH = [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]
ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]


def integrate(f, x, start, stop, tolerance, steps, accepted):
    """dx/dt = f(t, x) from start to stop, x a list; local errors below tolerance, a list; accepted(x) after each
    of at least so many steps."""
    t, h, most = start, (stop - start) / steps, (stop - start) / steps
    while t < stop:
        h = min(h, most, stop - t)
        k = [f(t, x)]
        for c, row in STAGES:
            k.append(f(t + c * h, [y + h * sum(a * b[j] for a, b in zip(row, k)) for j, y in enumerate(x)]))
        new = [y + h * sum(a * b[j] for a, b in zip(FIFTH, k)) for j, y in enumerate(x)]
        k.append(f(t + h, new))
        error = max(abs(h * sum(a * b[j] for a, b in zip(ERROR, k))) / e for j, e in enumerate(tolerance))
        if error <= 1:
            t, x = (stop if stop - t - h < 1e-12 * h else t + h), new
            accepted(*x)
        h *= min(4, max(0.2, 0.9 * (1 / max(error, 1e-10)) ** 0.2))
    return x


def crossings(case, wave, stops):
    """Where |v| passes the level at which rates jump, in periods, by bisection in a thousand parts of each piece."""
    found = set()
    above = lambda k: abs(wave(k * case.period)) > case.jump
    grid = [a + (b - a) * n / 1000 for a, b in zip(stops, stops[1:]) for n in range(1000)]
    for lo, hi in zip(grid, grid[1:]):
        first = above(lo)
        if above(hi) == first:
            continue
        for _ in range(60):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if above(mid) == first else (lo, mid)
        found.add(hi)
    return found


def reference(case, wave, corners):
    """States at the ends of both periods' halves, corner to corner."""
    state, wanted, stops = [s[2] for s in case.states], {}, sorted(set(corners) | {0.5, 1, 1.5, 2})
    if case.jump is not None:
        stops = sorted(set(stops) | crossings(case, wave, stops))
    formula = case.formula(*state) if isinstance(case.formula, type) else case.formula
    accepted = getattr(formula, "accepted", lambda *x: None)
    rate = lambda t, y: case.rates(formula, wave(t), y)
    for k0, k1 in zip(stops, stops[1:]):
        # a hair inside the corners, so that each piece is smooth
        state = integrate(rate, state, k0 * case.period * (1 + 1e-14), k1 * case.period * (1 - 1e-14),
                          [1e-11 * (s[4] - s[3]) for s in case.states], case.steps, accepted)
        state = [min(max(y, s[3]), s[4]) for y, s in zip(state, case.states)]
        wanted[k1] = state
    return {k: wanted[k] for k in (0.5, 1, 1.5, 2)}


def pinch_states(pinch, model, case, text):
    """The same by Pinch, at tight tolerances."""
    lines = [f"{model} against its paper", f"v1 a 0 {text}", "nm1 a 0 card",
             f".model card {model} (" + " ".join(f"{s[1]}={s[2]!r}" for s in case.states if s[1]) + f" {case.card})",
             ".options reltol=1e-9 op=hold",
             f".tran {case.period / 100!r} {2 * case.period!r} 0 {case.period / 4000!r} uic"]
    for k in (0.5, 1, 1.5, 2):
        for s in case.states:
            lines.append(f".measure tran {s[0]}_{int(10 * k)} find @nm1[{s[0]}] at={k * case.period!r}")
    with tempfile.NamedTemporaryFile("w", suffix=".cir") as file:
        file.write("\n".join(lines + [".end", ""]))
        file.flush()
        done = subprocess.run([pinch, "-q", file.name], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=240)
    if done.returncode:
        sys.exit(f"pinch failed:\n{done.stderr}")
    found = dict(re.findall(r"^(\w+_\d+)\s*=\s*(\S+)", done.stdout, re.M))
    return {k: [float(found[f"{s[0]}_{int(10 * k)}"]) for s in case.states] for k in (0.5, 1, 1.5, 2)}


def main():
    pinch, model = sys.argv[1:3]
    case = CASES[model]
    worst = 0.0
    for text, wave, corners in drives(case.amplitude, case.period):
        want = reference(case, wave, corners)
        have = pinch_states(pinch, model, case, text)
        for k in want:
            for s, a, b in zip(case.states, have[k], want[k]):
                error = abs(a - b) / (s[4] - s[3])
                worst = max(worst, error)
                if error > 1e-6:
                    print(f"{text.split('(')[0]}: after {k} periods {s[0]} = {a!r}, not {b!r}"
                          f" ({error:.2g} of the range)")
    print(f"{model}: largest difference {worst:.2g} of the range")
    sys.exit(worst > 1e-6)


if __name__ == "__main__":
    main()
