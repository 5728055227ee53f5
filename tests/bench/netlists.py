"""Netlists of the benchmarks, written when they are needed."""

import os
import subprocess

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")

TAOX_SUBCKT = """.subckt cell p m
bi p m i=v(p,m)*(v(x)*25m+(1-v(x))*7.2u*exp(4.7*sqrt(abs(v(p,m)))))
cx x 0 1 ic={x0}
bon 0 x i=v(p,m) > 0 && v(x) < 1 ? 1e-4*sinh(v(p,m)/0.45)*exp(min(-(v(x)/0.06)**2+i(bi)*v(p,m)/40u,200)) : 0
boff 0 x i=v(p,m) < 0 ? 1e-10*sinh(v(p,m)/13m)*exp(-(0.4/max(v(x),1m))**2+1/(1+500*i(bi)*v(p,m))) : 0
.ends
"""


def taox_cycles(form, cycles, x0, options=""):
    """One TaOx device under a sine of 0.5 V and 100 MHz."""
    text = "TaOx, %d cycles, %s\nv1 a 0 sin(0 0.5 100meg)\n" % (cycles, form)
    if form == "native":
        text += "n1 a 0 cell\n.model cell taox (x0=%g)\n.save @n1[x]\n" % x0
        text += ".tran 1n %gn\n" % (10 * cycles)
        text += ".measure tran final find @n1[x] at=%gn\n" % (10 * cycles)
        text += ".measure tran mean avg @n1[x] from=%gn to=%gn\n" % (10 * cycles - 10, 10 * cycles)
    else:
        text += "x1 a 0 cell\n" + TAOX_SUBCKT.replace("{x0}", "%g" % x0) + ".save v(x1.x)\n"
        # Left to its own steps ngspice 39 has the drift wrong by 52 %; 0.5 ns brings it to 1.2 %.
        text += ".tran 1n %gn 0 0.5n uic\n" % (10 * cycles)
        text += ".measure tran final find v(x1.x) at=%gn\n" % (10 * cycles - 1e-3)
        text += ".measure tran mean avg v(x1.x) from=%gn to=%gn\n" % (10 * cycles - 10, 10 * cycles)
    return text + options + ".end\n"


def crossbar(form, n, volts=1.0, pulses=5, options=""):
    """The array of tools/mkcrossbar with the selected cell's state measured."""
    text = subprocess.run([os.path.join(TOOLS, "mkcrossbar"), "-n", str(n), "-v", str(volts), "-p",
                           str(pulses), "-f", form], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    if form == "op":
        return text + ".end\n"
    k, end = n // 2, 2 * pulses - 1e-4
    state = "@n%d_%d[x]" % (k, k) if form == "native" else "v(x%d_%d.x)" % (k, k)
    text += ".save %s\n.measure tran final find %s at=%gu\n" % (state, state, end)
    if form == "native":
        for i, j in ((k, 0), (n - 1, k), (0, 0), (k, k)):
            text += ".measure tran top%d_%d max @n%d_%d[x]\n" % (i, j, i, j)
            text += ".measure tran low%d_%d min @n%d_%d[x]\n" % (i, j, i, j)
    return text + options + ".end\n"


def rc_ladder(n):
    """n sections of 1 kohm and 1 pF under a pulse."""
    text = "RC ladder of %d\nv1 n0 0 pulse(0 1 0 1n 1n 5u 10u)\n" % n
    for k in range(n):
        text += "r%d n%d n%d 10\nc%d n%d 0 1p\n" % (k, k, k + 1, k, k + 1)
    return text + ".save v(n%d)\n.tran 10n 20u\n.measure tran final find v(n%d) at=5u\n.end\n" % (n, n)


def rc_mesh(n):
    """n x n nodes joined by 100 ohm, each with 1 pF to ground, driven at one corner."""
    text = "RC mesh %dx%d\nv1 in 0 pulse(0 1 0 1n 1n 20n 100n)\nrin in n0_0 10\n" % (n, n)
    for i in range(n):
        for j in range(n):
            if j + 1 < n:
                text += "rh%d_%d n%d_%d n%d_%d 100\n" % (i, j, i, j, i, j + 1)
            if i + 1 < n:
                text += "rv%d_%d n%d_%d n%d_%d 100\n" % (i, j, i, j, i + 1, j)
            text += "c%d_%d n%d_%d 0 1p\n" % (i, j, i, j)
    middle = "n%d_%d" % (n // 2, n // 2)
    return text + ".save v(%s)\n.tran 1n 30n\n.measure tran final find v(%s) at=29n\n.end\n" % (middle,
                                                                                            middle)
