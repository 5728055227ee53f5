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

# model: (formula, numbers, state, initial parameter, initial value, least, largest, sine's
# amplitude (V), time of one period (s))
CASES = {
    "taox": (paper.taox, (), "x", "x0", 0.3, 1e-3, 1, 0.45, 1e-6),
    "nbox": (paper.nbox, (), "x", "x0", 300.0, 250, 600, 0.9, 1e-6),
    "vteam": (paper.vteam, (), "x", "x0", 1.5e-9, 0, 3e-9, 0.22, 1e-7),
    "lineardrift": (paper.lineardrift, (), "x", "x0", 0.3, 0, 1, 0.5, 1.0),
    "yakopcic": (paper.yakopcic, paper.OBLEA, "x", "x0", 0.3, 0, 1, 0.4, 2e-3),
    "wox": (paper.wox, (), "x", "x0", 0.4, 0, 1, 0.9, 0.5),
    "tiox": (paper.tiox, paper.DUT2, "r", "r0", 14e3, 1e3, 50e3, 0.5, 0.2),
    "mss": (paper.mss, (0.8,), "x", "x0", 0.5, 0, 1, 0.25, 1e-4),
    "team": (paper.team, (), "x", "x0", 1.5e-9, 0, 3e-9, 0.3, 1e-2),
    "memdiode": (paper.memdiode, (), "h", "h0", 0.5, 0, 1, 1.0, 1.0),
    "nbox_analog": (paper.nbox_analog, (), "x", "x0", 0.15, 0.09, 0.3, 2.0, 10.0),
    "pershin": (paper.pershin, (), "r", "r0", 5e3, 1e3, 10e3, 4.65, 1e-8),
    "thermal": (paper.thermal, (), "t", "t0", 300.0, 100, 1500, 0.6, 1e-6),
    "mott": (paper.mott, (), "u", "u0", 0.3, 1e-6, 0.99999, 1.0, 2e-10),
    "ag2s": (paper.ag2s, (), "x", "x0", 0.5, 0, 1, 0.25, 1e-3),
    "agmos2": (paper.agmos2, (), "x", "x0", 0.02, 1e-6, 1, 0.9, 0.02),
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


def integrate(f, x, start, stop, tolerance):
    """dx/dt = f(t, x) from start to stop; local errors below tolerance."""
    t, h, most = start, (stop - start) / 100, (stop - start) / 300
    while t < stop:
        h = min(h, most, stop - t)
        k = [f(t, x)]
        for c, row in STAGES:
            k.append(f(t + c * h, x + h * sum(a * b for a, b in zip(row, k))))
        new = x + h * sum(a * b for a, b in zip(FIFTH, k))
        k.append(f(t + h, new))
        error = abs(h * sum(a * b for a, b in zip(ERROR, k))) / tolerance
        if error <= 1:
            t, x = (stop if stop - t - h < 1e-12 * h else t + h), new
        h *= min(4, max(0.2, 0.9 * (1 / max(error, 1e-10)) ** 0.2))
    return x


def reference(case, wave, corners):
    """States at the ends of both periods' halves, corner to corner."""
    formula, numbers, _, _, x, least, most, _, period = case
    inside = lambda y: min(max(y, least), most)
    rate = lambda t, y: formula(wave(t), inside(y), *numbers)[1]
    wanted, stops = {}, sorted(set(corners) | {0.5, 1, 1.5, 2})
    for k0, k1 in zip(stops, stops[1:]):
        # a hair inside the corners, so that each piece is smooth
        x = integrate(rate, x, k0 * period * (1 + 1e-14), k1 * period * (1 - 1e-14),
                      1e-11 * (most - least))
        assert least < x < most, "the case reaches a bound"
        wanted[k1] = x
    return {k: wanted[k] for k in (0.5, 1, 1.5, 2)}


def pinch_states(pinch, model, case, text):
    """The same by Pinch, at tight tolerances."""
    _, _, state, initial, x0, _, _, _, period = case
    lines = [f"{model} against its paper", f"v1 a 0 {text}", f"nm1 a 0 card {initial}={x0!r}",
             f".model card {model}", ".options reltol=1e-9 op=hold",
             f".tran {period / 100!r} {2 * period!r} 0 {period / 4000!r} uic"]
    for k in (0.5, 1, 1.5, 2):
        lines.append(f".measure tran at{int(10 * k)} find @nm1[{state}] at={k * period!r}")
    with tempfile.NamedTemporaryFile("w", suffix=".cir") as file:
        file.write("\n".join(lines + [".end", ""]))
        file.flush()
        done = subprocess.run([pinch, "-q", file.name], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=240)
    if done.returncode:
        sys.exit(f"pinch failed:\n{done.stderr}")
    found = dict(re.findall(r"^at(\d+)\s*=\s*(\S+)", done.stdout, re.M))
    return {k: float(found[str(int(10 * k))]) for k in (0.5, 1, 1.5, 2)}


def main():
    pinch, model = sys.argv[1:3]
    case = CASES[model]
    worst = 0.0
    for text, wave, corners in drives(case[7], case[8]):
        want = reference(case, wave, corners)
        have = pinch_states(pinch, model, case, text)
        for k in want:
            error = abs(have[k] - want[k]) / (case[6] - case[5])
            worst = max(worst, error)
            if error > 1e-6:
                print(f"{text.split('(')[0]}: after {k} periods {have[k]!r}, not {want[k]!r}"
                      f" ({error:.2g} of the range)")
    print(f"{model}: largest difference {worst:.2g} of the range")
    sys.exit(worst > 1e-6)


if __name__ == "__main__":
    main()
