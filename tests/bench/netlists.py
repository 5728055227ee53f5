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


CMOS = """.subckt inv a y vdd
mp y a vdd vdd pm w=20u l=2u
mn y a 0 0 nm w=10u l=2u
cl y 0 10f
.ends
.model nm nmos(level=1 vto=0.7 kp=110u gamma=.4 phi=.65 lambda=.04 tox=20n cgso=1e-10 cgdo=1e-10)
.model pm pmos(level=1 vto=-.8 kp=50u gamma=.5 phi=.65 lambda=.05 tox=20n cgso=1e-10 cgdo=1e-10)
"""


def ring(stages, end, options=""):
    """A ring of CMOS inverters; `first` and `later` are rises of one node, a number of turns apart."""
    text = "Ring of %d\nvdd vdd 0 5\n%s" % (stages, CMOS)
    for k in range(stages):
        text += "x%d n%d n%d vdd inv\n" % (k, k, (k + 1) % stages)
    text += ".ic v(n0)=0 v(n1)=5\n.save v(n50)\n.tran 1n %s\n" % end
    text += ".measure tran first when v(n50)=2.5 rise=2\n"
    text += ".measure tran later when v(n50)=2.5 rise=12\n"
    return text + options + ".end\n"


def bridge(options=""):
    """A bridge rectifier over five periods of 50 Hz."""
    return """Bridge rectifier
v1 a b sin(0 10 50)
d1 a p dm
d2 b p dm
d3 0 a dm
d4 0 b dm
rl p 0 1k
cl p 0 100u
rg b 0 1meg
.model dm d(is=1e-12 rs=.1 cjo=20p tt=50n bv=100)
.save v(p)
.tran 10u 100m
.measure tran final avg v(p) from=80m to=100m
%s.end
""" % options


def adder(bits, options=""):
    """A ripple-carry adder of nine NAND gates a bit, 36 MOSFETs: 28 bits are 1008 MOSFETs."""
    text = "Adder of %d bits\nvdd vdd 0 5\n%s" % (bits, CMOS)
    text += """.subckt nand a b y vdd
m1 y a vdd vdd pm w=20u l=2u
m2 y b vdd vdd pm w=20u l=2u
m3 y a m 0 nm w=20u l=2u
m4 m b 0 0 nm w=20u l=2u
cl y 0 10f
.ends
.subckt fa a b ci s co vdd
x1 a b n1 vdd nand
x2 a n1 n2 vdd nand
x3 b n1 n3 vdd nand
x4 n2 n3 h vdd nand
x5 h ci n5 vdd nand
x6 h n5 n6 vdd nand
x7 ci n5 n7 vdd nand
x8 n6 n7 s vdd nand
x9 n1 n5 co vdd nand
.ends
va a 0 5
vb b 0 0
vc c0 0 pulse(0 5 5n 1n 1n 60n 200n)
"""
    for k in range(bits):
        text += "x%d a b c%d s%d c%d vdd fa\n" % (k, k, k, k + 1)
    text += ".save v(c%d)\n.tran 0.1n 60n\n" % bits
    text += ".measure tran final when v(c%d)=2.5 rise=1\n" % bits
    return text + options + ".end\n"


def opamp(options=""):
    """A step of the 741 follower: when its output, slewing, passes 0 V."""
    return peer("semi_opamp741_step").replace(
        ".end", ".measure tran final when v(out)=0 rise=1\n" + options + ".end")


def peer(name):
    """A circuit of tests/peers/, its own options taken out."""
    with open(os.path.join(TOOLS, "..", "tests", "peers", name + ".cir")) as file:
        return "".join(line for line in file if not line.startswith(".options"))


def static_array(n):
    """n x n cells of 1 to 100 uS between lines of 1 ohm segments, all word lines at 0.2 V."""
    return """Static array of {n} x {n}
Yxbar xb wl[0:{m}] bl[0:{m}] cell=r g=uniform(1u,100u) rw=1 rb=1
Vw wl[0:{m}] 0 0.2
Vb bl[0:{m}] 0 0
.op
.save i(vb[0:{m}])
.end
""".format(n=n, m=n - 1)


# Card, volts, and the state's range.
MODELS = {"taox": (".model cell taox (x0=0.1)", 1.0, 1.0),
          "vteam": (".model cell vteam (x0=0)", 0.06, 3e-9)}


def array_pulses(model, n, pulses=5, options=""):
    """Five pulses under V/2 on the cell in the middle of an array element."""
    card, volts, _ = MODELS[model]
    k, m = n // 2, n - 1
    text = "{} {}x{}, five pulses\n{}\n".format(model, n, n, card)
    text += "Yxbar xb wl[0:{m}] bl[0:{m}] cell=cell rw=1 rb=1\n".format(m=m)
    for i in range(n):
        top = volts if i == k else volts / 2
        text += "Vw%d wl[%d] 0 pulse(0 %g 0 10n 10n 1u 2u)\n" % (i, i, top)
        text += "Vb%d bl[%d] 0 pulse(0 %g 0 10n 10n 1u 2u)\n" % (i, i, 0 if i == k else volts / 2)
    text += ".save @xb.n[%d][%d][x] @xb.n[%d][0][x]\n.tran 20n %gu\n" % (k, k, k, 2 * pulses)
    text += ".measure tran final find @xb.n[%d][%d][x] at=%gu\n" % (k, k, 2 * pulses - 1e-4)
    # The selected cell of VTEAM, at the end of two lines of 50 ohm cells, stays below its threshold.
    text += ".measure tran moved find @xb.n[%d][0][x] at=%gu\n" % (k, 2 * pulses - 1e-4)
    return text + options + ".end\n"


def products(cell, n=64):
    """.mvm with the vectors of inputs.csv; cell: "linear", or "sinh"."""
    models = ".model sinhcell memristor (state=s i={s*20u*sinh(2*v)/2} g={0} x0=0.5 xmin=0 xmax=1)\n"
    what = "cell=r g=uniform(1u,100u)" if cell == "linear" else "cell=sinhcell x0=uniform(0.1,0.9)"
    return """Products of {n} x {n}, {cell} cells
{models}Yxbar xb wl[0:{m}] bl[0:{m}] {what} rw=1 rb=1
Vw wl[0:{m}] 0 0
Vb bl[0:{m}] 0 0
.mvm xb inputs=inputs.csv v=0.2
.end
""".format(n=n, m=n - 1, cell=cell, what=what, models=models if cell == "sinh" else "")


def reads(cell, n, scheme="v/2"):
    """Every cell of n x n read one by one; cell: "r", "vteam" or "taox"."""
    what = {"r": "cell=r g=uniform(1u,100u)", "vteam": "cell=mem x0=uniform(0.3n,2.7n)",
            "taox": "cell=mem x0=uniform(0.1,0.9)"}[cell]
    models = "" if cell == "r" else ".model mem %s\n" % cell
    return """Reads of {n} x {n}, {cell}
{models}Yxbar xb wl[0:{m}] bl[0:{m}] {what} rw=1 rb=1
Vw[0:{m}] wl[0:{m}] 0 0 rser=0
Vb[0:{m}] bl[0:{m}] 0 0 rser=0
.xread xb v=0.2 scheme={scheme}
.end
""".format(n=n, m=n - 1, cell=cell, models=models, what=what, scheme=scheme)


def two_transistors(n=16):
    """n x n cells of two MoS2 transistors and two memristors: 2n gate, 2n bit and n source lines; every
    cell is read."""
    return """2T2R kernel of {n} x {n}
.model mem memristor ( state=x x0=0 xmin=0 xmax=1 G={{1u*(1-x)+50u*x}} g={{0}} )
.model sw mos2fet w=20u
.subckt cell s bp bn gp gn x0=0.5
Np s mp mem x0={{x0}}
Nsp mp gp bp sw
Nn s mn mem x0={{1-x0}}
Nsn mn gn bn sw
.ends
Yxbar xb sl[0:{m}] bp[0:{m}] bn[0:{m}] gp[0:{m}] gn[0:{m}] cell=cell lines=rccgg rw=1 rb=1
+ x0=uniform(0,1) seed=3
Vs[0:{m}] sl[0:{m}] 0 0
Vp[0:{m}] bp[0:{m}] 0 0
Vn[0:{m}] bn[0:{m}] 0 0
Vgp[0:{m}] gp[0:{m}] 0 0
Vgn[0:{m}] gn[0:{m}] 0 0
.xread xb v=0.1 vgate=10 cells=all
.end
""".format(n=n, m=n - 1)


# Cards and cell of one TaOx memristor behind one transistor, and the volts that open its gate.
TRANSISTORS = {
    "level 1": (".model sw nmos(level=1 vto=0.7 kp=110u gamma=.4 phi=.65 lambda=.04 tox=20n "
                "cgso=1e-10 cgdo=1e-10)\n", "Mt m g b 0 sw w=10u l=1u\n", 5),
    "mos2fet": (".model sw mos2fet w=200u\n", "Nt m g b sw\n", 10)}


def one_transistor(n, kind="level 1", lines="rcg", pulses=5):
    """n x n cells of one transistor and one TaOx memristor, five pulses under V/2 on the cell in the middle,
    whose row's gates open with them; lines=rcr: gate lines have segments of 1 ohm too. pulses=0: an operating
    point with all gates open."""
    card, transistor, gate = TRANSISTORS[kind]
    k, m = n // 2, n - 1
    text = "1T1R {n}x{n}, {kind}\n.model mem taox (x0=0.1)\n{card}.subckt cell w b g\nNm w m mem\n{t}.ends\n".format(
        n=n, kind=kind, card=card, t=transistor)
    text += "Yxbar xb wl[0:{m}] bl[0:{m}] gate[0:{m}] cell=cell lines={lines} rw=1 rb=1\n".format(
        m=m, lines=lines)
    if not pulses:
        return text + "Vw wl[0:{m}] 0 0.2\nVb bl[0:{m}] 0 0\nVg gate[0:{m}] 0 {gate}\n.op\n.save i(vb[0:{m}])\n.end\n".format(
            m=m, gate=gate)
    for i in range(n):
        for name, node, top in (("w", "wl", 1 if i == k else 0.5), ("b", "bl", 0 if i == k else 0.5),
                                ("g", "gate", gate if i == k else 0)):
            text += "V%s%d %s[%d] 0 pulse(0 %g 0 10n 10n 1u 2u)\n" % (name, i, node, i, top)
    text += ".save @xb.x%d_%d.nm[x]\n.tran 20n %gu\n" % (k, k, 2 * pulses)
    text += ".measure tran final find @xb.x%d_%d.nm[x] at=%gu\n" % (k, k, 2 * pulses - 1e-4)
    return text + ".end\n"
