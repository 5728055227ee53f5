#!/usr/bin/env python3
"""Where the limit cycle of Roessler's system doubles its period: the value that netlists/edge-of-chaos/doubling.cir
expects. It shares nothing with Pinch: explicit Runge-Kutta of order 4 with the variational equations, Newton's method
on x(T) = x(0), and a secant on the multiplier. With 2000 and 4000 steps in a period ten digits agree.

    x' = -y - z,  y' = x + a y,  z' = 2 + z (x - 4)

Usage: roessler_doubling.py [STEPS IN A PERIOD]"""

import sys

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


def rates(a, u):
    """Rates of x, y, z and of the nine elements of the matrix of derivatives to the start, column by column."""
    x, y, z = u[:3]
    out = [-y - z, x + a * y, 2 + z * (x - 4)]
    for k in range(3, 12, 3):
        p, q, r = u[k:k + 3]
        out += [-q - r, p + a * q, z * p + (x - 4) * r]
    return out


def flow(a, start, period):
    """The point after a period and the columns of the monodromy matrix."""
    u = list(start) + [1, 0, 0, 0, 1, 0, 0, 0, 1]
    h = period / STEPS
    for _ in range(STEPS):
        k1 = rates(a, u)
        k2 = rates(a, [v + h / 2 * k for v, k in zip(u, k1)])
        k3 = rates(a, [v + h / 2 * k for v, k in zip(u, k2)])
        k4 = rates(a, [v + h * k for v, k in zip(u, k3)])
        u = [v + h / 6 * (p + 2 * q + 2 * r + s) for v, p, q, r, s in zip(u, k1, k2, k3, k4)]
    return u[:3], [u[3:6], u[6:9], u[9:12]]


def solve(matrix, right):
    """Gaussian elimination with pivots."""
    n = len(right)
    m = [row[:] + [b] for row, b in zip(matrix, right)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(m[i][k]))
        m[k], m[best] = m[best], m[k]
        for i in range(n):
            if i != k:
                f = m[i][k] / m[k][k]
                m[i] = [p - f * q for p, q in zip(m[i], m[k])]
    return [m[k][n] / m[k][k] for k in range(n)]


def close(a, start, period):
    """The cycle's point with y = 0 (start and period: a guess), its period and its multiplier other than 1 and the
    one near 0. The product of all three is exp of the mean divergence: that one is below 1e-8."""
    for _ in range(20):
        end, columns = flow(a, start, period)
        speed = rates(a, end + [0] * 9)[:3]
        # unknowns: x, z, period
        matrix = [[columns[0][i] - (i == 0), columns[2][i] - (i == 2), speed[i]] for i in range(3)]
        step = solve(matrix, [start[i] - end[i] for i in range(3)])
        start = [start[0] + step[0], 0.0, start[2] + step[1]]
        period += step[2]
        if max(map(abs, step)) < 1e-12:
            break
    _, columns = flow(a, start, period)
    return start, period, sum(columns[k][k] for k in range(3)) - 1


def settle(a):
    """A point of the stable cycle with y = 0, and its period."""
    u, t, h, crossings = [1.0, 0.0, 0.5], 0.0, 0.003, []
    while len(crossings) < 60:
        k1 = rates(a, u + [0] * 9)[:3]
        k2 = rates(a, [v + h / 2 * k for v, k in zip(u, k1)] + [0] * 9)[:3]
        new = [v + h * k for v, k in zip(u, k2)]
        if u[1] < 0 <= new[1]:
            crossings.append(t)
            point = new
        u, t = new, t + h
    return [point[0], 0.0, point[2]], crossings[-1] - crossings[-2]


start, period = settle(0.32)
values = []
for a in (0.32, 0.33):
    start, period, mu = close(a, start, period)
    values.append((a, mu + 1))
while abs(values[-1][1]) > 1e-11 and len(values) < 12:
    (a0, f0), (a1, f1) = values[-2:]
    a = a1 - f1 * (a1 - a0) / (f1 - f0)
    start, period, mu = close(a, start, period)
    values.append((a, mu + 1))
print("a = %.10f  period = %.10f  multiplier = %.10f" % (values[-1][0], period, values[-1][1] - 1))
