#!/usr/bin/env python3
"""Evaluates the memristor papers' formulas at single points, sharing nothing with the C models,
and prints the table that tests/generated/test_published_numbers.c includes.

Usage: published_points.py > tests/generated/published_points.inc"""

from math import asin, exp, log, pi, sin, sinh, sqrt, tanh

K = 1.380649e-23  # J/K
Q = 1.602176634e-19  # C


def root_between(f, lo, hi):
    """The root of a rising f between lo and hi, by false positions (Illinois) with a bisection in every third step."""
    flo, fhi, side = f(lo), f(hi), 0
    if flo >= 0:
        return lo
    if fhi <= 0:
        return hi
    for k in range(300):
        mid = (flo * hi - fhi * lo) / (flo - fhi)
        if k % 3 == 2 or not lo < mid < hi:
            mid = (lo + hi) / 2
        y = f(mid)
        if y == 0 or hi - lo <= 4e-16 * max(abs(lo), abs(hi)):
            break
        if y < 0:
            lo, flo, fhi, side = mid, y, fhi / 2 if side < 0 else fhi, -1
        else:
            hi, fhi, flo, side = mid, y, flo / 2 if side > 0 else flo, 1
    return mid


def yakopcic(v, x, a1, a2, b, ap, an, vp, vn, xp, xn, alphap, alphan):
    """Yakopcic et al., IEEE TCAD 32, 1201 (2013), eqs. 1 to 7."""
    i = (a1 if v >= 0 else a2) * x * sinh(b * v)
    g = ap * (exp(v) - exp(vp)) if v > vp else -an * (exp(-v) - exp(vn)) if v < -vn else 0
    if v >= 0:
        f = exp(-alphap * (x - xp)) * ((xp - x) / (1 - xp) + 1) if x >= xp else 1
    else:
        f = exp(alphan * (x + xn - 1)) * x / (1 - xn) if x <= 1 - xn else 1
    return i, g * f


OBLEA = (0.17, 0.17, 0.05, 4000, 4000, 0.16, 0.15, 0.3, 0.5, 1, 5)
PULSED = (0.097, 0.097, 0.05, 4000, 4000, 0.16, 0.15, 0.3, 0.5, 1, 5)
MIAO = (0.11, 0.11, 0.5, 7.5, 2, 0.09, 0.75, 0.3, 0.5, 1, 5)
JO = (3.7e-7, 4.35e-7, 0.7, 0.005, 0.08, 1.5, 0.5, 0.2, 0.5, 1.2, 3)


def stanford(v, gap, t):
    """Stanford-PKU model with the IMEC HfOx numbers (sky130)."""
    i = 61.4e-6 * exp(-gap / 0.275e-9) * sinh(v / 0.43)
    gamma = 16.5 - 1.25 * (gap / 1e-9) ** 3
    drift = gamma * 0.25 * v / 5
    speed = -150 * (exp((drift - 1.501) * Q / (K * t)) - exp((-drift - 1.5) * Q / (K * t)))
    return i, (speed, abs(v * i) / 3.18e-16 - (t - 298) / 0.23e-9)


def guan(v, gap, t):
    """The form of 2012: Guan, Yu, Wong, IEEE EDL 33, 1405, with MemTorch's numbers; the temperature relaxes within
    1 ps to its static value."""
    i = 1e-3 * exp(-gap / 0.25e-9) * sinh(v / 0.25)
    gamma = 16 - 0.8 * (gap / 1e-9) ** 3
    if gamma * abs(v) / 12e-9 < 1.4e9:
        gamma = 0.0
    speed = -10 * exp(-0.6 * Q / (K * t)) * sinh(gamma * 0.25e-9 * Q * v / (12e-9 * K * t))
    return i, (speed, (298 + abs(v * i) * 2100 - t) / 1e-12)


def wox(v, x):
    """Chang et al., Appl. Phys. A 102, 857 (2011)."""
    i = (1 - x) * 0.5e-6 * (1 - exp(-0.5 * v)) + x * 4e-6 * sinh(2 * v)
    return i, 4.5 * (0.004 * sinh(4 * v) - x / 10)


def tiox(v, r, a_p, a_n, t_p, t_n, k_p, k_n, rp0, rp1, rn0, rn1, b=2.81):
    """Messaris et al., IEEE TCAD 37, 3151 (2018), differentiated."""
    i = 0.24 / r * sinh(b * v)
    if v > 0:
        end = rp0 + rp1 * v
        g = a_p * (exp(t_p * v) - 1) * (exp(k_p * (end - r)) - 1) if r < end else 0
    else:
        end = rn0 + rn1 * v
        g = a_n * (exp(-t_n * v) - 1) * (exp(k_n * (r - end)) - 1) if r > end else 0
    return i, g


DUT1 = (0.12, -79.03, 0.59, 1.12, 8.10e-3, 9.43e-3, 3085, 1862, 5193, 378)
DUT2 = (743.47, -6.80e4, 6.51, 0.31, 5.11e-4, 1.17e-3, 16.71e3, 0, 29.30e3, 23.69e3)
MEMTORCH = DUT2[:-1] + (23692.77, 3.0)


def mss(v, x, phi):
    """Nugent and Molter, PLoS ONE 9, e85175 (2014); Knowm's numbers."""
    vt = K * 298.5 / Q
    on = 1 / (1 + exp(-(v - 0.27) / vt))
    off = 1 - 1 / (1 + exp(-(v + 0.27) / vt))
    schottky = 8e-4 * exp(4 * v) - 8e-4 * exp(-4 * v)
    i = phi * v * (x / 500 + (1 - x) / 1500) + (1 - phi) * schottky
    return i, (on * (1 - x) - off * x) / 1e-4


# k_off and k_on (m/s), exponent, a_on, a_off, w_c (m)
TEAM_XYCE = (8e-13, -8e-13, 3, 0.0, 3e-9, 1.07e-12)
TEAM_FIT = (1.46e-18, -4.68e-22, 10, 1.8e-9, 1.2e-9, 107e-12)


def team(v, x, k_off, k_on, alpha, a_on, a_off, w_c):
    """Kvatinsky et al., IEEE TCAS-I 60, 211 (2013); Xyce's default card, and the fit of Fig. 10."""
    i = v / (50 + 950 * x / 3e-9)
    if i > 115e-6:
        return i, k_off * (i / 115e-6 - 1) ** alpha * exp(-exp(min((x - a_off) / w_c, 100)))
    if i < -8.9e-6:
        return i, k_on * (i / -8.9e-6 - 1) ** alpha * exp(-exp(min(-(x - a_on) / w_c, 100)))
    return i, 0


def memdiode(v, h, imin, imax, amin, amax, set_time, reset_time):
    """Aguirre, Sune, Miranda, Micromachines 13, 330 (2022); the current by bisection."""
    i0, a, rs, beta = imin + h * (imax - imin), amin + h * (amax - amin), 117 + 139 * h, 0.308

    def diode(u):
        return i0 * (exp(beta * a * u) - exp(-(1 - beta) * a * u))

    lo, hi = -abs(v), abs(v)
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if mid + rs * diode(mid) < v else (lo, mid)
    return diode(lo), (1 - h) / set_time(v) - h / reset_time(v)


AGUIRRE = (1.8e-6, 1.23e-3, 3, 3.8, lambda v: 1.796e6 * exp(-v / 0.0899), lambda v: 132 * exp(v / 0.1905))
EXPONENTIAL = (6.19, 5.22, lambda v: exp(-15 * (v - 0.8)), lambda v: exp(4 * (v + 1.3)))


def nbox_analog(v, x):
    """Schroedter et al., MOCAST 2022."""
    s = 1 if v > 0 else -1
    g = 4.7447e-8 * x * exp(2.6831 * s * sqrt(abs(v) / x))
    g += 1.1253e-8 * x * exp(-9.3348 * s * sqrt(abs(v)))
    i = v * g
    up = exp(57414 * x * i - exp((x - 0.284) * 1000))
    return i, 2.9457e-4 * (up - exp(-11103 * x * i - exp(-(x - 0.1) * 1000)))


def vo2(v, t):
    """Zhang et al., Nat. Commun. 15, 6986 (2024): the heating branch."""
    share = 0.5 + 0.5 * tanh(0.2528 * (7.1936 / 2 + 332.806 - t))
    r = 5.3588e-3 * exp(5220.5 / t) * share + 1286.3288
    return v / r, (v * v / r - 0.20559e-3 * (t - 325)) / 4.9628e-11


# Nili et al., IEEE TNANO 19, 344 (2020), as caixunshiren/pytorch-metal-oxide-memristor-crossbar has the
# numbers: from this conductance (S) on, c0 ... c4 and d0 ... d4 of setting, then of resetting.
NILI = [
    (0, (1.55e-4, -0.47, -3.851, 9.369, 10.4), (-1.26, -0.02, 0.82, -0.57, 0.94),
     (-0.89e-4, 0.89, 8.96, 6.2, -10.90), (0.04, 2e-4, 0.02, 5e-3, 0.03)),
    (5.62e-6, (1.55e-4, -0.47, -3.769, 7.512, 8.419), (-1.22, -0.02, 0.84, -0.57, 0.81),
     (-0.89e-4, 0.51, 6.88, 6.2, -8.61), (-5e-3, -4e-4, -2e-3, -0.01, 0.02)),
    (10e-6, (1.55e-4, -0.47, -3.729, 6.801, 7.582), (-1.03, -0.02, 0.72, -0.47, 0.63),
     (-0.89e-4, 0.34, 4.93, 6.2, -8.14), (-0.07, -3e-3, -0.07, -0.05, -0.02)),
    (17.8e-6, (1.55e-4, -0.47, -3.517, 6.180, 6.851), (-0.78, -0.01, 0.53, -0.33, 0.45),
     (-0.89e-4, 0.25, 3.63, 6.2, -7.77), (-0.11, -4e-3, -0.11, -0.09, -0.03)),
    (31.6e-6, (1.55e-4, -0.47, -3.426, 5.946, 6.558), (-0.37, 5e-3, 0.15, -0.01, 0.11),
     (-0.89e-4, 0.23, 2.91, 6.2, -7.42), (-0.15, -6e-3, -0.17, -0.13, -0.06)),
    (56.2e-6, (1.55e-4, -0.47, -3.373, 5.005, 5.792), (0.14, 0.01, -0.29, 0.31, -0.21),
     (-0.89e-4, 0.21, 2.33, 6.2, -7.30), (-0.12, -5e-3, -0.16, -0.13, -0.06)),
    (100e-6, (1.55e-4, -0.47, -3.422, 4.936, 5.840), (0.34, 0.01, -0.41, 0.37, -0.29),
     (-0.89e-4, 0.22, 1.93, 6.2, -7.10), (-0.04, -2e-3, -0.10, -0.11, -0.04)),
    (178e-6, (1.55e-4, -0.47, -3.572, 4.864, 5.785), (0.26, 0.01, -0.29, 0.25, -0.20),
     (-0.89e-4, 0.28, 1.68, 6.2, -7.00), (0.10, 3e-3, 0.02, -0.05, -4e-3)),
]


def nili_pulse(g, v, t, z=0.0):
    """How far one pulse of v (V) and t (s) moves a device of conductance g: the published update; logarithms
    to the base 10."""
    _, c_set, d_set, c_reset, d_reset = [row for row in NILI if row[0] <= g][-1]
    (c0, c1, c2, c3, c4), d, sign = (c_set, d_set, 1) if v > 0 else (c_reset, d_reset, -1)
    lt = log(t) / log(10)
    change = c0 * (sign - tanh(c1 * (lt - c2))) * (tanh(c3 * v - c4) + sign)
    return change * (1 + z * (d[0] + d[1] * lt**2 + d[2] * v * lt + d[3] * v**2 * lt + d[4] * v**3))


def nili(v, g, age, start, rest=1e-9, z=0.0):
    """The rate is the slope of the published update over the pulse's width, by differences."""
    a1 = -2.58e-6 + 0.977 * g + 1.166e-7 * 27
    a3 = 1.18 * g + 6596 * g * g + 1.605e-3 * 27**-1.33
    i = v * (a1 + a3 * min(abs(v), 0.4) ** 2)
    if abs(v) <= 0.8:
        return i, (0.0, -age / rest, (g - start) / rest)
    if age <= 1e-7:
        return i, (nili_pulse(start, v, 1e-7, z) / 1e-7, 1.0, 0.0)
    # fourth-order differences, extrapolated once
    slope = lambda h: (8 * (nili_pulse(start, v, age + h, z) - nili_pulse(start, v, age - h, z))
                       - nili_pulse(start, v, age + 2 * h, z) + nili_pulse(start, v, age - 2 * h, z)) / (12 * h)
    h = 0.01 * age
    return i, ((16 * slope(h / 2) - slope(h)) / 15, 1.0, 0.0)


class Vo2:
    """The same with minor loops: each reversal of the temperature starts a branch through the point where it
    happened (de Almeida et al., Opt. Eng. 41, 2582 (2002))."""

    def __init__(self, t):
        self.last, self.heating, self.turn, self.shift = t, True, t, 0.0

    def level(self, t):
        """What the tanh takes, over beta."""
        y = (t - self.turn) / self.shift if self.shift else 0.0
        near = 0.5 * (1 - sin(0.95627 * y)) * (1 + tanh(pi * pi - 2 * pi * y))
        return (0.5 if self.heating else -0.5) * 7.1936 + 332.806 - t - self.shift * near

    @staticmethod
    def seen(t):
        """The authors' code limits the temperature for the resistance, not the temperature itself."""
        return min(max(t, 305.0), 370.0)

    def __call__(self, v, t):
        s = self.seen(t)
        r = 5.3588e-3 * exp(5220.5 / s) * (0.5 + 0.5 * tanh(0.2528 * self.level(s))) + 1286.3288
        return v / r, (v * v / r - 0.20559e-3 * (t - 325)) / 4.9628e-11

    def accepted(self, t):
        t = self.seen(t)
        turned = t != self.last and (t > self.last) != self.heating
        if turned:
            level = self.level(self.last)
            self.heating, self.turn = not self.heating, self.last
            at_turn = 0.5 * (1 + tanh(pi * pi))
            side = 0.5 if self.heating else -0.5
            self.shift = (side * 7.1936 + 332.806 - self.last - level) / at_turn
        self.last = t


def pershin(v, r):
    """Pershin, La Fontaine, Di Ventra, Phys. Rev. E 80, 021926 (2009)."""
    return v / r, 1e13 * (v - 0.5 * (abs(v + 4.6) - abs(v - 4.6)))


def thermal(v, t):
    """C dT/dt = i v - (T - T0)/R with Arrhenius conduction."""
    g = 0.966e-3 * exp(-0.1314 * Q / K * (1 / t - 1 / 300))
    return v * g, (v * v * g - (t - 253.17) / 54.1e3) / 9.015e-13


def mott(v, u):
    """Pickett and Williams, Nanotechnology 23, 215202 (2012); the text's enthalpy."""
    length, radius = 20e-9, 30e-9
    area = pi * radius * radius
    r = 7e-3 * length / area / (1 + (7e-3 / 1e-4 - 1) * u * u)
    loss = 2 * pi * length * 1.5 / log(1 / u) * 784
    shell = (1 - u * u + 2 * u * u * log(u)) / (2 * u * log(u) ** 2)
    return v / r, (v * v / r - loss) / (length * area * (2.6e6 * 784 * shell + 2 * 1.6e8 * u))


def pickett(v, w_m, a_on=1.8e-9):
    """Pickett et al., J. Appl. Phys. 106, 074508 (2009): the barrier's voltage by bisection."""
    w, w1 = w_m * 1e9, 0.1261

    def barrier(vb):
        a = abs(vb)
        lam = 0.0998 / w
        w2 = w1 + w - 0.9183 / (2.85 + 4 * lam - 2 * a)
        dw = w2 - w1
        b = 10.246 * dw
        r = w2 * (w - w1) / (w1 * (w - w2))
        phi = 0.95 - a * (w1 + w2) / (2 * w) - 1.15 * lam * w * log(r) / dw
        back = (phi + a) * exp(-b * sqrt(phi + a))
        i = 0.0617 / dw**2 * (phi * exp(-b * sqrt(phi)) - back)
        return i if vb > 0 else -i

    i = barrier(root_between(lambda vb: vb + 215 * barrier(vb) - v, -0.9, 0.9))
    if i > 0:
        wall = exp((w_m - 1.2e-9) / 107e-12 - abs(i) / 500e-6)
        return i, 3.5e-6 * sinh(abs(i) / 115e-6) * exp(-wall - w_m / 107e-12)
    wall = exp((a_on - w_m) / 107e-12 - abs(i) / 500e-6)
    return i, -40e-6 * sinh(abs(i) / 8.9e-6) * exp(-wall - w_m / 107e-12)


def jart_vcm(v, n):
    """JART VCM v1b, Bengel et al., IEEE TCAS-I 67, 4618 (2020): contact voltage and temperature by
    nested bisection."""
    h, eps0, m_e, z = 6.62607015e-34, 8.8541878128e-12, 9.1093837015e-31, 2
    area = pi * 45e-9**2
    r_disc = 0.4e-9 / (z * Q * n * 1e26 * 4e-6 * area)
    r_plug = 2.6e-9 / (z * Q * 20e26 * 4e-6 * area)

    def contact(vs, t):
        psi = max(0.18 - 0.1 - vs, 0)
        eps_b = 5.5 * eps0
        phi = 0.18 - (Q**3 * z * n * 1e26 * psi / (8 * pi**2 * eps_b**3)) ** 0.25
        phi = max(phi, 0)
        kt = K * t
        if v > 0:
            return area * 6.01e5 * t**2 * exp(-Q * phi / kt) * (exp(Q * vs / kt) - 1)
        w00 = Q * h / (4 * pi) * sqrt(z * n * 1e26 / (m_e * 17 * eps0))
        cosh = (exp(w00 / kt) + exp(-w00 / kt)) / 2
        w0 = w00 / tanh(w00 / kt)
        e1 = w00 / (w00 / kt - tanh(w00 / kt))
        root = sqrt(pi * w00 * Q * (abs(vs) + phi / cosh**2))
        field = exp(-Q * phi / w0) * (exp(Q * abs(vs) / e1) - 1)
        return -area * 6.01e5 * t / K * root * field

    def lines(i):
        return 650 + 719.2437 * (1 + 719.2437 * 3.92e-3 * i * i * 90471.47)

    def at(t):
        lo, hi = min(v, 0), max(v, 0)
        for _ in range(60):  # not false positions: there may be three roots, of which this finds the model's
            vs = (lo + hi) / 2
            i = contact(vs, t)
            lo, hi = (vs, hi) if vs + i * (r_disc + r_plug + lines(i)) < v else (lo, vs)
        vs = lo
        i = contact(vs, t)
        cell = vs + i * (r_disc + r_plug)
        return i, cell, 293 + i * cell * 15.72e6 * (1 if v < 0 else 0.27)

    t = root_between(lambda y: y - at(y)[2], 293, 1e4)
    i, cell, _ = at(t)
    field = i * r_disc / 0.4e-9 if v < 0 else cell / 3e-9
    y = z * field * 0.25e-9 / (pi * 1.35)
    even = sqrt(1 - y * y) + y * asin(y)
    ev = 1.35 * Q / (K * t)
    hop = exp(-ev * (even - y * pi / 2)) - exp(-ev * (even + y * pi / 2))
    full = 1 - (n / 20) ** 10 if v < 0 else 1 - (0.008 / n) ** 10
    return i, -(20 + n) / 2 * 0.25e-9 * 2e13 / 0.4e-9 * hop * full


def taox(v, x, a=7.2e-6, b=4.7):
    """Strachan et al., IEEE TED 60, 2194 (2013)."""
    i = v * (x * 0.025 + (1 - x) * a * exp(b * sqrt(abs(v))))
    if v > 0:
        return i, 1e-4 * sinh(v / 0.45) * exp(-((x / 0.06) ** 2)) * exp(i * v / 4e-5)
    return i, 1e-10 * sinh(v / 0.013) * exp(-((0.4 / x) ** 2)) * exp(1 / (1 + 500 * i * v))


def nbox(v, x):
    """Ascoli et al., Front. Neurosci. 15, 651452 (2021)."""
    g = 6.50e-3 - 6.66e-5 * x + 2.14e-7 * x**2 - 2.14e-10 * x**3 + 1.19e-13 * x**4
    heat = 7.21e9 - 7.39e7 * x + 2.37e5 * x**2 - 2.37e2 * x**3 + 1.32e-1 * x**4
    return v * g, 5.19e9 - 2.05e7 * x + v * v * heat


def vteam(v, x):
    """Kvatinsky et al., IEEE TCAS-II 62, 786 (2015); MemTorch's numbers."""
    i = v / (50 + 950 * x / 3e-9)
    if v > 0.02:
        return i, 5e-4 * (v / 0.02 - 1)
    return i, -10 * (v / -0.2 - 1) ** 3 if v < -0.2 else 0


def lineardrift(v, x):
    """Strukov et al., Nature 453, 80 (2008), with Biolek's window, p = 2."""
    i = v / (100 * x + 16e3 * (1 - x))
    return i, 1e4 * i * (1 - (x if i > 0 else 1 - x) ** 4)


def ag2s(v, x):
    """The model's own equations: no others are published."""
    return v * 1e-9 * 1e6**x, -4.879882e-13 * sinh(v / 7e-3)


def agmos2(v, x):
    """The model's own equations: no others are published."""
    i = 0.01 * x * v + (1 - x) * 1e-7 * abs(v) * v
    rate = (1.01222e-9 if v > 0 else 1.22995e-7) * sinh(v / 0.05)
    return i, rate - (x - 1e-6) * min(1, (1e-3 / x) ** 6) / 1e-3


def pcm(v, x, t, age, nu=0.049):
    """Biolek et al., Radioengineering 22, 945 (2013), model R3, with an amorphous resistance that grows as
    (1 + age/20 s)^nu, Nandakumar et al., ICECS 2019."""

    def step(z):
        return 1 / (1 + exp(-z / 1e-3)) if z > -0.6 else 0.0

    r = 10e3 + (1e6 * (1 + age / 20) ** nu - 10e3) * (1 - x) / (1 + exp((abs(v) - 1.8) / 0.05))
    grow = 2e7 * (1 - x) * step(t / 200 - 1) * step(1 - t / 600)
    return v / r, (grow - 1e8 * x * step(t / 600 - 1), (v * v / r + 5e-6 * (20 - t)) / 2e-15,
                   1.0 if t < 200 else -age / 1e-9)


def diffusive_usc(v, f, r):
    """TongWang-USC/Memristor-Model: where f + r would grow beyond 1, the residue displaces the filament."""
    s = min(f + r, 1)
    res = 1.7e4 * s + 1e10 * (exp((1 - s) / 0.1) - 1) / (exp(10) - 1)
    df, dr = min(abs(v) * 16 / (0.1 + 1 - s) - 50 * f - 0.35 * f, 1), 0.35 * f - 0.42 * r
    return v / res, (-dr if s >= 1 and df + dr > 0 else df, dr)


def diffusive(v, phi, gap, close=1e-9):
    """Wang et al., IEEE TED 66, 3802 (2019), with the numbers of wei_model.va; the gap's voltage by iteration."""
    kt, back, most = K * 300 / Q, v < 0, 2e-9
    alpha, ea0, ea1 = (1.1, 0.72 * 0.9, 0.8 * 0.65) if back else (0.28, 0.99, 0.65)
    metal = lambda d: 2e-6 * 0.5 * 28e-9 / (1.5 * d)  # ohm m at diameter d
    stub = metal(most) * (5e-9 - gap) / (pi * most**2 / 4)
    thread = 1 / (metal(phi) * gap / (pi * phi**2 / 4)) if phi > 0 else 0.0

    def current(u):
        resistivity = 2e4 / (1 + 55e-9 * u / gap)
        return u * (thread + pi * (most**2 - phi**2) / 4 / (resistivity * gap))

    u = root_between(lambda u: u + stub * current(u) - abs(v), 0.0, abs(v))
    grow = 1e2 * exp((alpha * u - ea0) / kt) - 3e-26 / max(phi, 0.1e-9) ** 3 * exp(-ea1 / kt)
    wide = gap - 0.2e-9
    spread = -wide / close if phi > 0.1e-9 else 1e-18 / (2 * max(wide, 1e-12))
    return (-current(u) if back else current(u)), (grow, spread)


def ecm(v, gap):
    """Menzel et al., J. Appl. Phys. 111, 014501 (2012): both overpotentials by iteration."""
    h, m_e, area, kt = 6.62607015e-34, 9.1093837015e-31, pi * 2e-9**2, K * 300.15
    j0 = Q * 1.56e28 * 27 * exp(-0.6 * Q / kt)
    j_hop = 2 * Q * 1.56e28 * 0.25e-9 * 1e13 * exp(-0.3 * Q / kt)
    momentum = sqrt(2 * m_e * 3.6 * Q)
    tunnel = 2.7 * 3 * momentum / (2 * gap) * (Q / h) ** 2 * exp(-4 * pi * gap / h * momentum) * area
    series = 10e3 + 1.7e-8 * (20e-9 - gap) / area
    asinh = lambda y: log(y + sqrt(1 + y * y)) if y >= 0 else -log(-y + sqrt(1 + y * y))

    def active(j):
        """The overpotential in units of kT/e at which the active electrode gives j: Newton's method."""
        y, w = abs(j / j0), 0.8 if j > 0 else 0.2
        s = log(1 + y) / w
        for _ in range(50):
            step = (exp(w * s) - exp((w - 1) * s) - y) / (w * exp(w * s) + (1 - w) * exp((w - 1) * s))
            s -= step
            if abs(step) < 1e-15 * (1 + abs(s)):
                break
        return s if j > 0 else -s

    def balance(ef):
        j = j0 * (exp(0.2 * ef) - exp(-0.8 * ef))
        u = kt / Q * (active(j) + ef) + 2 * kt * gap / (0.25e-9 * Q) * asinh(j / j_hop)
        i = tunnel * u + area * j
        return u + series * i - v, i, j

    ef = root_between(lambda y: balance(y)[0], min(v, 0) * Q / kt, max(v, 0) * Q / kt)
    _, i, j = balance(ef)
    return i, -1.79e-25 / (Q * 10.49e3) * j


def pulse(v, w, start, law, up, down, least, most, rest=1e-9):
    """One published step per 300 us of voltage beyond 2 V; up and down: functions of the weight."""
    i = v * (3.08e-9 + 35.38e-9 * (w - least) / (most - least))
    if abs(v) <= 2:
        return i, (0.0, (w - start) / rest)
    return i, ((up if v > 0 else down)(start) / 300e-6, 0.0)


def neurosim(label, pulses, sign):
    """The change by one pulse, by NeuroSim's own way: the pulse number of a weight, one more or less, and back. Its
    A from the label by bisection on the rule 10.10 max[(1 - e^(-x/a))/(1 - e^(-1/a)) - x]."""

    def bend(a):
        full = 1 - exp(-1 / a)
        x = -a * log(a * full)
        return (1 - exp(-x / a)) / full - x

    lo, hi = 1e-3, 1e4
    for _ in range(200):
        mid = sqrt(lo * hi)
        lo, hi = (mid, hi) if 10.10 * bend(mid) > abs(label) else (lo, mid)
    a = lo * pulses * (1 if label > 0 else -1)
    b = 1 / (1 - exp(-pulses / a))

    def step(w):
        n = -a * log(1 - w / b)
        return b * (1 - exp(-(n + sign) / a)) - w

    return step


NEUROSIM = (0, neurosim(2.4, 97, 1), neurosim(-4.88, 100, -1), 0, 1)
ECRAM = (2, lambda w: 0.002 * (1 - 0.1153 / 1.1724 * w), lambda w: -0.002 * (1 - 0.5085 / -0.8276 * w), -0.8276, 1.1724)
RERAM_SB = (3, lambda w: 0.002 * (1 - w / 1.25), lambda w: -0.002 * (1 + w / 0.75), -0.75, 1.25)
RERAM_ES = (4, lambda w: 0.00135 * max(0, 1 + 1.18445 * exp(5 * (-0.5 * w - 0.5))),
            lambda w: -0.00135 * max(0, 1 + 0.081404 * exp(-5 * (-0.5 * w - 0.5))), -1, 1)
POWER = (5, lambda w: 0.002 * (1 - w) / 2, lambda w: -0.002 * (w + 1) / 2, -1, 1)


def al2o3(v, x):
    """The model's own equations: no others are published."""
    return v * (10e-6 + 20e-6 * x), 6.4305814e-6 * sinh(v / 0.1)


def mtj(v, m):
    """Macrospin with spin torque, dm/dt = alpha gamma Hk/(1 + alpha^2) (1 - m^2)(m + i/ic0)."""
    i = v / (1372 * (1 + 1 / (1 + (v / 0.5) ** 2) * (1 - m) / 2))
    return i, 2.211e5 * 0.027 * 1.13e5 / (1 + 0.027**2) * (1 - m * m) * (m + i / 49e-6)


def qpc(v, w):
    """The model's own equations: Miranda's contact with a staircase of channels, VTEAM's rate."""
    whole = int(w)
    edge = lambda z: 1 / (1 + exp(-z))
    n = whole + (edge(20 * (w - whole - 0.5)) - edge(-10)) / (edge(10) - edge(-10))
    tunnel = v + log((1 + exp(10 * (0.5 - v / 2))) / (1 + exp(10 * (0.5 + v / 2)))) / 10
    i = 7.748091729e-5 * (n * v + tunnel)
    if v > 0.2:
        return i, 1e3 * (v / 0.2 - 1) ** 2
    return i, -1e3 * (v / -0.15 - 1) ** 2 if v < -0.15 else 0.0


POINTS = [
    ("taox", "", taox, [(0.5, 0.2), (-0.5, 0.2), (0.3, 0.5)], ()),
    ("taox", "k8", taox, [(0.5, 0.2), (-0.5, 0.3)], (2.3e-6, 1.6)),
    ("taox", "k9", taox, [(0.5, 0.2), (-0.5, 0.3)], (3.5e-6, 3.1)),
    ("nbox", "", nbox, [(0.9, 320.0), (1.1, 280.0)], ()),
    ("vteam", "", vteam, [(0.5, 1e-9), (-0.7, 2e-9)], ()),
    ("lineardrift", "", lineardrift, [(1.0, 0.3), (-1.0, 0.3)], ()),
    ("ag2s", "", ag2s, [(-0.3, 0.4), (0.2, 0.6)], ()),
    ("agmos2", "", agmos2, [(1.0, 0.01), (-0.9, 0.2), (0.1, 1e-3)], ()),
    ("pcm", "", pcm, [(1.9, 0.3, 400.0, 1e3), (3.0, 0.6, 600.1, 0.0), (0.1, 0.2, 250.0, 1e6)], ()),
    ("pcm", "biolek", pcm, [(0.1, 0.2, 250.0, 1e6)], (0.0,)),
    ("stanford", "guan", guan, [(1.2, 1e-9, 400.0), (-1.5, 0.5e-9, 700.0), (0.9, 1e-9, 400.0)], ()),
    ("diffusive_usc", "", diffusive_usc, [(0.05, 0.3, 0.1), (1.0, 0.3, 0.1), (1.0, 0.75, 0.25)], ()),
    ("diffusive", "", diffusive, [(1.8, 0.05e-9, 5e-9), (1.5, 0.5e-9, 0.2e-9), (-0.4, 0.05e-9, 2e-9)], ()),
    ("ecm", "", ecm, [(0.5, 10e-9), (-1.0, 5e-9), (1.2, 0.5e-9)], ()),
    ("pulse", "", pulse, [(3.0, 0.25, 0.25), (-3.0, 0.6, 0.75), (1.0, 0.5, 0.5)], NEUROSIM),
    ("pulse", "ecram", pulse, [(3.0, 0.25, 0.25), (-3.0, 0.6, 0.75)], ECRAM),
    ("pulse", "reram_sb", pulse, [(3.0, 0.25, 0.25), (-3.0, 0.6, 0.75)], RERAM_SB),
    ("pulse", "reram_es", pulse, [(3.0, 0.25, 0.25), (-3.0, 0.6, 0.75)], RERAM_ES),
    ("pulse", "power", pulse, [(3.0, 0.25, 0.25), (-3.0, 0.6, 0.75)], POWER),
    ("al2o3", "", al2o3, [(1.6, 0.3), (-1.2, 0.7)], ()),
    ("mtj", "", mtj, [(0.3, -0.5), (-0.2, 0.8)], ()),
    ("qpc", "", qpc, [(0.3, 1.6), (-0.2, 0.4)], ()),
    ("yakopcic", "", yakopcic, [(0.4, 0.5), (-0.4, 0.3), (0.1, 0.5)], OBLEA),
    ("yakopcic", "oblea_pulsed", yakopcic, [(0.4, 0.5), (-0.4, 0.7)], PULSED),
    ("yakopcic", "miao", yakopcic, [(1.0, 0.2), (-1.0, 0.4)], MIAO),
    ("yakopcic", "jo", yakopcic, [(2.0, 0.5), (-1.0, 0.3)], JO),
    ("stanford", "", stanford, [(1.2, 1e-9, 500.0), (-1.5, 0.5e-9, 700.0)], ()),
    ("wox", "", wox, [(1.5, 0.4), (-1.0, 0.7)], ()),
    ("tiox", "", tiox, [(0.9, 12e3), (-1.0, 15e3)], DUT2),
    ("tiox", "dut1", tiox, [(0.9, 3e3), (-1.0, 6e3)], DUT1),
    ("tiox", "memtorch", tiox, [(0.9, 12e3), (-1.0, 15e3)], MEMTORCH),
    ("mss", "", mss, [(0.3, 0.3), (-0.25, 0.6)], (0.8,)),
    ("mss", "ohmic", mss, [(0.3, 0.3)], (1.0,)),
    ("team", "", team, [(0.5, 1.5e-9), (-0.5, 1.5e-9), (1e-4, 1.5e-9)], TEAM_XYCE),
    ("team", "fit", team, [(0.5, 1.1e-9), (0.5, 1.5e-9), (-0.5, 1.5e-9), (-0.5, 1.9e-9)], TEAM_FIT),
    ("memdiode", "", memdiode, [(0.8, 0.5), (-1.2, 0.9), (2.5, 0.1)], AGUIRRE),
    ("memdiode", "exponential", memdiode, [(0.8, 0.5), (-1.2, 0.9)], (2e-6, 2e-4) + EXPONENTIAL),
    ("memdiode", "exponential_low", memdiode, [(0.8, 0.5), (-1.2, 0.9)], (2e-6, 2e-5) + EXPONENTIAL),
    ("nili", "", nili, [(1.0, 60e-6, 5e-4, 60e-6), (-1.2, 50e-6, 1e-3, 50e-6), (1.1, 150e-6, 5e-8, 150e-6),
                       (0.3, 5e-6, 0.0, 5e-6)], ()),
    ("nbox_analog", "", nbox_analog, [(2.0, 0.2), (-1.0, 0.15)], ()),
    ("vo2", "", vo2, [(5.0, 330.0), (3.0, 340.0)], ()),
    ("pickett", "", pickett, [(0.5, 1.4e-9), (-0.6, 1.6e-9)], ()),
    ("pickett", "technion", pickett, [(-0.6, 1.6e-9)], (2e-9,)),
    ("jart_vcm", "", jart_vcm, [(-0.6, 0.05), (-0.4, 5.0), (0.1, 10.0), (1.2, 1.0)], ()),
    ("pershin", "", pershin, [(5.0, 3e3), (-6.0, 8e3), (1.0, 5e3)], ()),
    ("thermal", "", thermal, [(0.9, 320.0)], ()),
    ("mott", "", mott, [(1.2, 0.3), (0.5, 0.7)], ()),
]


def main():
    print("/* Printed by tests/tools/published_points.py: model, set, v, states, i, first rate. */")
    for model, chosen, formula, points, numbers in POINTS:
        for at in points:
            i, g = formula(*at, *numbers)
            g = g[0] if isinstance(g, tuple) else g
            states = ", ".join(repr(x) for x in at[1:])
            print(f'{{"{model}", "{chosen}", {at[0]!r}, {{{states}}}, {i!r}, {g!r}}},')


if __name__ == "__main__":
    main()
