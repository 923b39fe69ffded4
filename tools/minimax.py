"""Minimax fits of src/elementary.hpp: the Remez exchange in 60-digit arithmetic.

Run with python3 (needs mpmath).
"""
import struct
from mpmath import cos, exp, expm1, log, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt, tanh

mp.dps = 60
LN2 = log(2)


def rounded(value, format):
    """The nearest float ('f') or double ('d')."""
    return mpf(struct.unpack(format, struct.pack(format, float(value)))[0])


def nodes(low, high, n):
    """Chebyshev's, off centre, so that 0, where a weight may vanish, is never one."""
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(pi * (i + mpf(0.6)) / n) for i in range(n)]


def alternating_peaks(errors, count):
    """Where the error is largest in each of `count` stretches of one sign."""
    runs = [[0]]
    for i in range(1, len(errors)):
        if (errors[i] > 0) == (errors[i - 1] > 0):
            runs[-1].append(i)
        else:
            runs.append([i])
    peaks = [max(run, key=lambda i: abs(errors[i])) for run in runs]
    while len(peaks) > count:
        peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
    if len(peaks) < count:
        raise ArithmeticError('the error does not alternate')
    return peaks


def remez(f, weight, low, high, count):
    """c minimising max |weight(x) (f(x) - sum of c[i] x^i)| over [low, high]."""
    grid = nodes(low, high, 1000)
    values = [(f(x), weight(x)) for x in grid]
    points = nodes(low, high, count + 1)
    for _ in range(8):
        system, right = matrix(count + 1, count + 1), matrix(count + 1, 1)
        for row, x in enumerate(points):
            for i in range(count):
                system[row, i] = x ** i
            system[row, count] = (-1) ** row / weight(x)
            right[row] = f(x)
        c = list(lu_solve(system, right))[:count]
        errors = [w * (v - polynomial(c, x)) for x, (v, w) in zip(grid, values)]
        points = [grid[i] for i in alternating_peaks(errors, count + 1)]
    return c, grid, values


def odd_rational(f, high, n, m):
    """p, q minimising the relative error of x p(x²) / q(x²) over [0, high], p[0] = q[0] = 1."""
    count = n + m + 1
    grid = nodes(mpf(0), high, 1500)
    values = [f(x) for x in grid]
    points = nodes(mpf(0), high, count)
    p, q, level = [mpf(1)], [mpf(1)] + [mpf(0)] * m, mpf(0)
    for _ in range(8):
        for _ in range(8):  # Newton's method for x p - (1 ± level) f q = 0 at the points
            system, right = matrix(count, count), matrix(count, 1)
            for row, x in enumerate(points):
                sign, value = (-1) ** row, f(x)
                target = value * (1 + sign * level)
                for i in range(1, n + 1):
                    system[row, i - 1] = x ** (2 * i + 1)
                for i in range(1, m + 1):
                    system[row, n + i - 1] = -target * x ** (2 * i)
                system[row, count - 1] = -sign * value * polynomial(q, x * x)
                right[row] = target - x
            solution = list(lu_solve(system, right))
            p, q = [mpf(1)] + solution[:n], [mpf(1)] + solution[n:n + m]
            level += solution[-1]
        errors = [rational(p, q, x) / v - 1 for x, v in zip(grid, values)]
        points = [grid[i] for i in alternating_peaks(errors, count)]
    return p, q, max(abs(e) for e in errors)


def rational(p, q, x):
    return x * polynomial(p, x * x) / polynomial(q, x * x)


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
numerator, denominator, error = odd_rational(tanh, mpf('9.02'), 4, 4)
print(f'float: tanh x / x as p(x^2)/q(x^2): error {nstr(error, 3)}')
for name, c in (('p', numerator), ('q', denominator)):
    print(f'  {name}:', *(nstr(rounded(a, 'f'), 9) for a in c))
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
