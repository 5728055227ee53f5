#!/usr/bin/env python3
"""Envelope following against Pinch's own transient.

models: every non-volatile model with one state, on sine, square and triangle: the change over 200 cycles
        agrees within 1 %. Amplitudes and frequencies are those at which a state moves little in a cycle.
speed:  processor time of 10^6 cycles of one TaOx device and of 10^5 cycles of a 16x16 crossbar against
        that of transients over fewer cycles, scaled up; and of a State Change map of 200 points. The
        crossbar's envelope at reltol=1e-3 is good to 2e-4 of the change, the transient to 5e-4.

messages: what cannot be followed is refused with the name of the right analysis.

Usage: run_fading.py PINCH models|speed|messages"""

import os
import re
import resource
import subprocess
import sys
import tempfile

# Model: amplitude (V), frequency (Hz), state, initial state.
MODELS = {
    "taox": (0.45, 1e8, "x", 0.3),
    "lineardrift": (0.5, 1e5, "x", 0.4),
    "yakopcic": (0.4, 1e7, "x", 0.3),
    "mss": (0.3, 1e8, "x", 0.5),
    "team": (0.5, 1e3, None, None),
    "vteam": (0.1, 1e8, None, None),
    "pershin": (6.0, 1e11, None, None),
    "tiox": (1.0, 1e6, None, None),
    "nbox_analog": (1.0, 1e2, "x", 0.2),
    "memdiode": (0.5, 1e4, None, None),
}
WAVES = {
    "sine": "sin({offset} {amp} {freq})",
    "square": "pulse({low} {high} 0 {edge} {edge} {flat} {period})",
    "triangle": "pulse({low} {high} 0 {half} {half} 0 {period})",
}
CYCLES = 200


def run(pinch, text):
    """Results by name of a netlist, the processor time it took (s), and what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fading.cir")
        with open(path, "w") as file:
            file.write(text)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([pinch, "-b", path], cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    results = {}
    for name, value in re.findall(r"^(\w+)\s+= ([-+0-9.eEnaif]+)", done.stdout, re.M):
        results[name] = float(value)
    if done.returncode:
        results = {}
    time = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return results, time, done.stdout


def state_of(pinch, model):
    """A model's first state and its initial value, from its own description."""
    text = subprocess.run([pinch, "models", model], stdout=subprocess.PIPE, text=True).stdout
    name = re.search(r"^States.*:\n  (\w+) ", text, re.M).group(1)
    return name


def netlist(model, amp, freq, state, x0, wave):
    period = 1 / freq
    values = {"offset": 0.1 * amp, "amp": amp, "freq": freq, "low": -0.9 * amp, "high": 1.1 * amp,
              "edge": 0.01 * period, "flat": 0.49 * period, "half": 0.5 * period, "period": period}
    start = "" if x0 is None else " x0=%g" % x0
    stop, last = CYCLES * period, (CYCLES - 1) * period
    return "\n".join([
        "brute force and envelope: %s, %s" % (model, wave),
        "v1 a 0 " + WAVES[wave].format(**values),
        "n1 a 0 cell" + start,
        ".model cell " + model,
        ".options reltol=1e-6 method=trbdf2",
        ".envelope cycles=%d" % CYCLES,
        ".tran %g %g 0 %g" % (period / 200, stop, period / (1000 if wave == "triangle" else 200)),
        ".save @n1[%s]" % state,
        ".measure envelope efirst find @n1[%s] at=0" % state,
        ".measure envelope elast find @n1[%s] at=%.12g" % (state, last),
        ".measure tran tfirst avg @n1[%s] from=0 to=%.12g" % (state, period),
        ".measure tran tlast avg @n1[%s] from=%.12g to=%.12g" % (state, last, stop),
        ".end", ""])


def compare(pinch, model, wave):
    amp, freq, state, x0 = MODELS[model]
    state = state or state_of(pinch, model)
    results, _, text = run(pinch, netlist(model, amp, freq, state, x0, wave))
    if len(results) < 4:
        print("FAIL %-12s %-9s did not run\n%s" % (model, wave, text))
        return False
    envelope, brute = (results[k + "last"] - results[k + "first"] for k in "et")
    size = max(abs(results["tlast"]), abs(results["tfirst"]))
    error = abs(envelope - brute) / abs(brute) if brute else float("inf")
    good = error <= 0.01 and abs(brute) > 1e-6 * size
    print("%s %-12s %-9s changes by %.6g (transient), %.6g (envelope): %.2g"
          % ("ok  " if good else "FAIL", model, wave, brute, envelope, error))
    return good


SINGLE = """one TaOx device
v1 a 0 sin(0 0.5 100meg)
n1 a 0 cell x0=0.8
.model cell taox
.save @n1[x]
%s
.end
"""


def crossbar(directive, n=16):
    lines = ["a crossbar", "vw w5_0 0 sin(0 0.5 100meg)"]
    for r in range(n):
        if r != 5:
            lines.append("vr%d w%d_0 0 0" % (r, r))
        for c in range(n):
            if c < n - 1:
                lines.append("rw%d_%d w%d_%d w%d_%d 0.1" % (r, c, r, c, r, c + 1))
            if r < n - 1:
                lines.append("rb%d_%d b%d_%d b%d_%d 0.1" % (r, c, r, c, r + 1, c))
            lines.append("n%d_%d w%d_%d b%d_%d cell x0=%g"
                         % (r, c, r, c, r, c, 0.2 + 0.6 * ((r * 7 + c * 3) % 16) / 16))
    lines += ["vb%d b%d_%d 0 0" % (c, n - 1, c) for c in range(n)]
    return "\n".join(lines + [".model cell taox", ".save @n5_0[x]", directive, ".end", ""])


def ratio(pinch, name, text, envelope, brute, factor, least):
    _, fast, said = run(pinch, text(envelope))
    _, slow, _ = run(pinch, text(brute))
    times = slow * factor / fast
    good = times >= least and "envelope:" in said
    print("%s %s: envelope %.3f s, transient %.3f s * %d: %.0f times faster (at least %d)"
          % ("ok  " if good else "FAIL", name, fast, slow, factor, times, least))
    return good


def speed(pinch):
    good = [
        ratio(pinch, "10^6 cycles of a device", lambda d: SINGLE % d, ".envelope cycles=1e6",
              ".tran 10n 20u", 500, 1000),
        ratio(pinch, "10^5 cycles of a 16x16 crossbar", crossbar, ".envelope cycles=1e5 reltol=1e-3",
              ".tran 10n 1u", 1000, 200),
    ]
    _, many, _ = run(pinch, SINGLE % ".fading n1 points=2200 x0=0.3")
    _, few, _ = run(pinch, SINGLE % ".fading n1 points=200 x0=0.3")
    time = (many - few) / 10
    good.append(time < 0.02)
    print("%s a State Change map of 200 points: %.1f ms (under 20)"
          % ("ok  " if good[-1] else "FAIL", 1e3 * time))
    return good


REFUSED = [
    (["v1 a 0 1", "n1 a 0 cell", ".envelope cycles=10"], "no source drives the circuit", ".pss"),
    (["v1 a 0 sin(0 1 1meg)", "v2 b a sin(0 1 3.14159265meg)", "n1 b 0 cell", ".envelope cycles=10"],
     "share no period", ".tran"),
    (["v1 a 0 sin(0 1 1meg)", "r1 a 0 1k", ".envelope cycles=10"], "no device has a state", ".pss"),
    (["v1 a 0 sin(0 1 1meg)", "r1 a 0 1k", ".fading r1"], "'r1' has no state", ".tran"),
    (["v1 a 0 sin(0 1 1meg 1u)", "n1 a 0 cell", ".fading n1"], "does not repeat", ".tran"),
    (["v1 a 0 pwl(0 0 1u 1)", "n1 a 0 cell", ".hifreq n1"], "no source drives", ".tran"),
    (["v1 a 0 sin(0 1 1meg)", "n1 a 0 cell", ".target n1 x=2"], "not within the state's bounds", "x=2"),
    (["v1 a 0 sin(0 0.5 100meg)", "r1 a b 1", "c1 b 0 1u", "n1 b 0 cell", ".envelope cycles=10"],
     "do not settle", ".pss"),
    (["v1 a 0 sin(0 1 1meg)", "n1 a 0 cell", ".envelope tstop=1 cycles=2"], "either tstop= or cycles=",
     "cycles="),
]


def refused(pinch, cards, message, hint):
    text = "\n".join(["refused"] + cards + [".model cell taox", ".end", ""])
    results, _, said = run(pinch, text)
    good = not results and message in said and hint in said
    print("%s %s: %s" % ("ok  " if good else "FAIL", cards[-1], message))
    if not good:
        print(said)
    return good


def main():
    pinch, what = os.path.abspath(sys.argv[1]), sys.argv[2]
    if what == "speed":
        good = speed(pinch)
    elif what == "messages":
        good = [refused(pinch, *case) for case in REFUSED]
    else:
        good = [compare(pinch, model, wave) for model in MODELS for wave in WAVES]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
