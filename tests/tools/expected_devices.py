#!/usr/bin/env python3
"""The expected values of netlists in netlists/devices: the memristor papers' formulas (published_points.py) in each
netlist's circuit, in closed form, by quadrature or by Dormand-Prince's method, sharing nothing with Pinch.

Usage: expected_devices.py [NETLIST ...]"""

import sys
from math import exp, expm1, log, log1p, pi, sin, sinh

import published_points as paper
from run_models import integrate


def piecewise(points):
    """The voltage of a PWL source with these corners."""
    def at(t):
        for (t0, v0), (t1, v1) in zip(points, points[1:]):
            if t <= t1:
                return v0 + (v1 - v0) * (t - t0) / (t1 - t0)
        return points[-1][1]
    return at


def along(rate, x, stops, tolerance, steps=200, accepted=lambda *x: None):
    """States of dx/dt = rate(t, x) at the stops, of which the first is the start."""
    found = [list(x)]
    for t0, t1 in zip(stops, stops[1:]):
        found.append(integrate(rate, found[-1], t0, t1, tolerance, steps, accepted))
    return found


def when(rate, x, start, stop, tolerance, reached):
    """The time at which reached(t, x) becomes true, by bisection."""
    parts = 400
    for k in range(parts):
        t0, t1 = (start + (stop - start) * j / parts for j in (k, k + 1))
        new = integrate(rate, x, t0, t1, tolerance, 2, lambda *y: None)
        if reached(t1, new):
            lo, hi = t0, t1
            for _ in range(40):
                mid = (lo + hi) / 2
                at = integrate(rate, x, t0, mid, tolerance, 2, lambda *y: None)
                lo, hi = (lo, mid) if reached(mid, at) else (mid, hi)
            return hi
        x = new
    raise SystemExit("not reached")


def duration(rate, start, stop, parts):
    """Integral of dx/rate(x) from start to stop: Simpson's rule over ln x."""
    h = log(stop / start) / (2 * parts)
    points = [start * exp(k * h) for k in range(2 * parts + 1)]
    weights = [1] + [4, 2] * (parts - 1) + [4, 1]
    return h / 3 * sum(w * x / rate(x) for w, x in zip(weights, points))


def wox_memory():
    """Under a constant voltage the state relaxes exponentially, at lambda/tau, towards tau eta1 sinh(eta2 v)."""
    fade, end, x, after = exp(-0.45 * 0.05), 10 * 0.004 * sinh(4 * 1.2), 0.0, []
    for _ in range(5):
        x = end + (x - end) * fade
        after.append(x)
        x *= fade
    return {"x1": after[0], "x5": after[4], "i1": 1e6 * paper.wox(1.2, after[0])[0],
            "i5": 1e6 * paper.wox(1.2, after[4])[0], "kept": exp(-1)}


def tiox_pulses():
    """Under a constant voltage exp(-k w) of the way w to the end value approaches 1 exponentially."""
    a_p, a_n, t_p, t_n, k_p, k_n, rp0, _, rn0, rn1 = paper.DUT2

    def moved(way, k, speed, time):
        return -log1p(expm1(-k * way) * exp(-k * speed * time)) / k

    up, down, low, r = a_p * expm1(t_p * 0.9), -a_n * expm1(t_n * 0.8), rn0 - 0.8 * rn1, 12e3
    found = {}
    for k in range(1, 6):
        r = rp0 - moved(rp0 - r, k_p, up, 2e-3)
        found[f"up{k}"] = r / 1e3
    for k in range(1, 6):
        r = low + moved(r - low, k_n, down, 2e-3)
        found[f"down{k}"] = r / 1e3
    return {k: v for k, v in found.items() if k[-1] in "15"}


def mss_loop():
    v = lambda t: 0.25 * sin(2 * pi * 500 * t)
    rate = lambda t, x: [paper.mss(v(t), x[0], 0.8)[1]]
    stops = [0, 0.25e-3, 0.5e-3, 0.75e-3, 1e-3, 1.5e-3, 2e-3]
    x = [state[0] for state in along(rate, [0.0], stops, [1e-11])]
    i = [1e3 * paper.mss(v(t), y, 0.8)[0] for t, y in zip(stops, x)]
    return {"x_top": x[2], "x_half": x[4], "x_bottom": x[5], "x_full": x[6], "i_up": i[1], "i_down": i[3]}


def memdiode_loop():
    v = piecewise([(0, 0), (1.8, 1.8), (5.2, -1.6), (6.8, 0)])
    rate = lambda t, x: [paper.memdiode(v(t), x[0], *paper.AGUIRRE)[1]]
    current = lambda v, x: paper.memdiode(v, x[0], *paper.AGUIRRE)[0]
    before, top, read, zero, _, end = along(rate, [0.0], [0, 0.2, 1.8, 3.4, 3.6, 5.2, 6.8], [1e-11])[1:]
    set_at = when(rate, [0.0], 0, 1.8, [1e-11], lambda t, x: x[0] > 0.5)
    reset_at = when(rate, zero, 3.6, 6.8, [1e-11], lambda t, x: x[0] < 0.5)
    return {"v_set": v(set_at), "v_reset": v(reset_at), "h_top": top[0], "h_end": end[0],
            "ratio": current(0.2, read) / current(0.2, before)}


def diffusive_usc_facilitation():
    def rate(on):
        return lambda t, x: list(paper.diffusive_usc(0.8 if on else 0.0, max(x[0], 0), x[1])[1])

    x, found, tolerance = [0.0, 0.0], {}, [1e-9, 1e-9]
    for pulse in range(6):
        start = 1.1 * pulse
        closed = lambda t, y: paper.diffusive_usc(0.8, *y)[0] > 20e-6
        if pulse == 5:
            found["delay6"] = when(rate(True), x, start, start + 0.8, tolerance, closed) - start
        on = along(rate(True), x, [start, start + 0.8], tolerance, 2000)[-1]
        found[f"i{pulse + 1}"] = 1e9 * paper.diffusive_usc(0.8, *on)[0]
        x = along(rate(False), on, [start + 0.8, start + 1.1], tolerance)[-1]
    found["residue"] = x[1]
    return found


def stanford_sweep():
    v = piecewise([(0, 0), (100e-9, 2.5), (200e-9, 0), (300e-9, -2), (400e-9, 0)])
    rate = lambda t, x: list(paper.stanford(v(t), min(max(x[0], 0.1e-9), 1.7e-9), x[1])[1])

    def stopped(t, x):
        g, dt = rate(t, x)
        return [0.0 if (x[0] <= 0.1e-9 and g < 0) or (x[0] >= 1.7e-9 and g > 0) else g, dt]

    tolerance = [1e-18, 1e-6]
    set_at = when(stopped, [1.7e-9, 298.0], 0, 100e-9, tolerance, lambda t, x: x[0] < 0.9e-9)
    on = along(stopped, [1.7e-9, 298.0], [0, 100e-9, 200e-9], tolerance, 2000)[-1]
    reset_at = when(stopped, on, 200e-9, 300e-9, tolerance, lambda t, x: x[0] > 0.3e-9)
    off = along(stopped, on, [200e-9, 300e-9, 400e-9], tolerance, 2000)[-1]
    return {"v_set": v(set_at), "v_reset": v(reset_at), "g_on": 1e9 * on[0], "g_off": 1e9 * off[0]}


def jart_vcm_kinetics():
    found = {f"set{k}": 1e6 * duration(lambda n: paper.jart_vcm(v, n)[1], 0.0081, 1.0, 240)
             for k, v in ((6, -0.6), (7, -0.7), (8, -0.8))}
    found["reset12"] = 1e6 * duration(lambda n: paper.jart_vcm(1.2, n)[1], 10.0, 1.0, 120)
    return found


def ecm_kinetics():
    grow = {f"set{k}": 1e3 * duration(lambda x: paper.ecm(v, x)[1], 20e-9, 1e-9, 100)
            for k, v in ((5, 0.5), (6, 0.6))}
    return {**grow, "reset3": 1e3 * duration(lambda x: paper.ecm(-0.3, x)[1], 2e-9, 19e-9, 100)}


def pickett_switching():
    return {"off10": 1e3 * duration(lambda w: paper.pickett(1.0, w)[1], 1.2e-9, 1.3e-9, 100),
            "off08": 1e3 * duration(lambda w: paper.pickett(0.8, w)[1], 1.2e-9, 1.3e-9, 100),
            "on08": 1e3 * duration(lambda w: paper.pickett(-0.8, w)[1], 1.5e-9, 1.3e-9, 200),
            "on082": 1e3 * duration(lambda w: paper.pickett(-0.82, w)[1], 1.5e-9, 1.3e-9, 200)}


def nbox_analog_sine():
    """The authors' own test circuit: 278 ohm in series, 8 Mohm across the device."""
    def across(t, x):
        source = 3.0 * sin(2 * pi * 0.02 * t)
        balance = lambda v: (v - source) / 278 + v / 8e6 + paper.nbox_analog(v, x)[0]
        return paper.root_between(balance, min(source, 0.0), max(source, 0.0))

    rate = lambda t, x: [paper.nbox_analog(across(t, x[0]), x[0])[1]]
    stops = [0, 5, 12.5, 20, 25, 37.5, 50]
    states = [x[0] for x in along(rate, [0.1], stops, [1e-9], 100)]
    i = [1e6 * paper.nbox_analog(across(t, x), x)[0] for t, x in zip(stops, states)]
    return {"x12": states[2], "x25": states[4], "x50": states[6], "i_up": i[1], "i_top": i[2], "i_down": i[3],
            "i_bottom": i[5]}


def vo2_neuristor():
    """Zhang et al.: 12 kohm from 13.44 V to the device and 145.346 pF beside it."""
    device, times = paper.Vo2(325.0), []
    x, t, step = [0.0, 325.0], 0.0, 0.1e-9
    rate = lambda t, y: [((13.44 - y[0]) / 12e3 - device(y[0], y[1])[0]) / 145.34619e-12, device(y[0], y[1])[1]]
    highest = 0.0
    while t < 12e-6:
        before = device(*x)[0]
        x = integrate(rate, x, t, t + step, [1e-6, 1e-6], 1, lambda v, temp: device.accepted(temp))
        t += step
        now = device(*x)[0]
        highest = max(highest, now)
        if before < 1.5e-3 <= now:
            times.append(t - step * (now - 1.5e-3) / (now - before))
    return {"first": 1e6 * times[0], "period": 1e6 * (times[3] - times[2]), "highest": 1e3 * highest}


NETLISTS = {f.__name__: f for f in (wox_memory, tiox_pulses, mss_loop, memdiode_loop, diffusive_usc_facilitation,
                                    stanford_sweep, jart_vcm_kinetics, ecm_kinetics, pickett_switching, nbox_analog_sine,
                                    vo2_neuristor)}


def main():
    for name in sys.argv[1:] or NETLISTS:
        print(f"{name}: " + " ".join(f"{k}={v:.10g}" for k, v in NETLISTS[name]().items()), flush=True)


if __name__ == "__main__":
    main()
