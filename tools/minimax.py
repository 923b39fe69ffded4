"""Minimax polynomials of src/elementary.hpp: the Remez exchange in 60-digit arithmetic.

Run with python3 (needs mpmath).
"""
import struct
from mpmath import cos, exp, expm1, log, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 60
LN2 = log(2)


def rounded(value, format):
    """The nearest float ('f') or double ('d')."""
    return mpf(struct.unpack(format, struct.pack(format, float(value)))[0])


def remez(f, weight, low, high, count):
    """c minimising max |weight(x) (f(x) - sum of c[i] x^i)| over [low, high]."""
    def node(i, n):  # off centre, so that 0, where the weight may vanish, is never one
        return (low + high) / 2 - (high - low) / 2 * mp.cos(pi * (i + mpf(0.6)) / n)

    grid = [node(i, 1000) for i in range(1000)]
    values = [(f(x), weight(x)) for x in grid]
    points = [node(i, count + 1) for i in range(count + 1)]
    for _ in range(8):
        system, right = matrix(count + 1, count + 1), matrix(count + 1, 1)
        for row, x in enumerate(points):
            for i in range(count):
                system[row, i] = x ** i
            system[row, count] = (-1) ** row / weight(x)
            right[row] = f(x)
        c = list(lu_solve(system, right))[:count]
        errors = [w * (v - polynomial(c, x)) for x, (v, w) in zip(grid, values)]
        runs = [[0]]
        for i in range(1, len(grid)):
            if (errors[i] > 0) == (errors[i - 1] > 0):
                runs[-1].append(i)
            else:
                runs.append([i])
        peaks = [max(run, key=lambda i: abs(errors[i])) for run in runs]
        while len(peaks) > count + 1:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) < count + 1:
            raise ArithmeticError('the error does not alternate')
        points = [grid[i] for i in peaks]
    return c, grid, values


def polynomial(c, x):
    return sum(a * x ** i for i, a in enumerate(c))


def fit(name, f, weight, low, high, count, format):
    def worst(c):
        return nstr(max(abs(w * (v - polynomial(c, x))) for x, (v, w) in zip(grid, values)), 3)

    exact, grid, values = remez(f, weight, mpf(low), mpf(high), count)
    short = [rounded(a, format) for a in exact]
    print(f'{name}: error {worst(exact)}, with rounded coefficients {worst(short)}')
    for a in short:
        print(f'    {nstr(a, 9 if format == "f" else 17)}')


def pieces(name, value, *bits):
    """value as a sum of doubles of the given numbers of bits (0: all 53)."""
    print(name)
    for n in bits:
        if n:
            unit = mpf(2) ** (mp.floor(log(abs(value), 2)) + 1 - n)
            part = mp.nint(value / unit) * unit
        else:
            part = rounded(value, 'd')
        print(f'    {float(part).hex()} {float(part)!r}')
        value -= part


def series(s):
    """(log((1+s)/(1-s))/s - 2)/s^2 as a function of s^2."""
    s = sqrt(s)
    return (log((1 + s) / (1 - s)) / s - 2) / s ** 2


EDGE = 1 + mpf(2) ** -12  # rounding to a multiple of ln 2 can overshoot the half a little
fit('float: (expm1(2r) - 2r)/r^2', lambda r: (expm1(2 * r) - 2 * r) / r ** 2,
    lambda r: abs(r ** 2 / expm1(2 * r)), -LN2 / 4 * EDGE, LN2 / 4 * EDGE, 5, 'f')
fit('float: (exp(r) - 1 - r)/r^2', lambda r: (expm1(r) - r) / r ** 2,
    lambda r: r ** 2 / exp(r), -LN2 / 2 * EDGE, LN2 / 2 * EDGE, 5, 'f')
fit('float: log1p', series, lambda z: z / 2, mpf(10) ** -12, EDGE / 9, 4, 'f')
fit('double: (exp(r) - 1 - r)/r^2', lambda r: (expm1(r) - r) / r ** 2,
    lambda r: r ** 2 / exp(r), -LN2 / 2 * EDGE, LN2 / 2 * EDGE, 10, 'd')
edge = (sqrt(2) - 1) / (sqrt(2) + 1)
fit('double: log', series, lambda z: z / 2, mpf(10) ** -12, edge ** 2 * EDGE, 7, 'd')
fit('double: (sin(r)/r - 1)/r^2', lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z,
    lambda z: z, mpf(10) ** -12, pi ** 2 / 16 * EDGE, 6, 'd')
fit('double: (cos(r) - 1 + r^2/2)/r^4', lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2,
    lambda z: z ** 2, mpf(10) ** -12, pi ** 2 / 16 * EDGE, 6, 'd')
pieces('ln 2 for float', LN2, 15, 24)
pieces('ln 2', LN2, 42, 0)
pieces('pi/2', pi / 2, 33, 33, 33, 0)
