"""Fits the coefficients of Sources/Kernels/Elementary.swift and prints them, rounded to single precision:

    exp(r)  = 1 + r + c2 r^2 + ... + c6 r^6     for |r| <= ln 2 / 2
    tanh(x) = x P(x^2) / Q(x^2), Q(0) = 1       for |x| <= 9; P and Q of degree 4
    erf(x)  = x P(x^2) / Q(x^2), Q(0) = 1       for |x| <= 3.9; P of degree 5, Q of degree 5

All minimise the greatest relative error, by Lawson's method: least squares again and again, the weight of a point
growing with its error. The rational function is linear in its coefficients once the equation is multiplied by Q; the
last Q found divides the weights.

    .venv/bin/python Tests/Goldens/fit_elementary.py
"""

import math

import numpy as np


def chebyshev(low, high, count):
    """Points that crowd at the ends of the interval, where errors of approximations are greatest."""
    return (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def reweighted(weights, errors):
    """Lawson's next weights. The floor keeps a point of small error from being forgotten."""
    weights = weights * (errors / errors.max() + 1e-3)
    return weights / weights.sum()


def fit_exp(degree=6):
    """c2 ... c6, and the greatest relative error."""
    limit = np.log(2) / 2
    r = limit * np.cos(np.pi * (np.arange(2001) + 0.5) / 2001)
    powers = np.vander(r, degree + 1, increasing=True)[:, 2:]
    target, relative = np.exp(r) - 1 - r, 1 / np.exp(r)
    weights = np.ones(len(r))
    for _ in range(60):
        scale = np.sqrt(weights) * relative
        coefficients = np.linalg.lstsq(powers * scale[:, None], target * scale, rcond=None)[0]
        errors = np.abs((powers @ coefficients - target) * relative)
        weights = reweighted(weights, errors)
    return coefficients, errors.max()


def fit_odd(function, p_degree, q_degree, limit):
    """The coefficients of P and of Q for an odd function, lowest first, and the greatest relative error."""
    x = np.sort(np.concatenate([np.linspace(1e-3, limit, 6000), chebyshev(0, limit, 4000)]))
    t = function(x)
    z = (x / limit) ** 2  # in [0, 1]: better conditioned
    columns = [x * z**i for i in range(p_degree + 1)] + [-t * z**j for j in range(1, q_degree + 1)]
    equations = np.stack(columns, 1)
    weights, denominator, best = np.ones(len(x)), np.ones(len(x)), None
    for _ in range(200):
        scale = np.sqrt(weights) / (t * np.abs(denominator))
        solution = np.linalg.lstsq(equations * scale[:, None], t * scale, rcond=None)[0]
        p, q = solution[: p_degree + 1], np.concatenate([[1], solution[p_degree + 1 :]])
        denominator = np.polyval(q[::-1], z)
        errors = np.abs(x * np.polyval(p[::-1], z) / denominator / t - 1)
        if best is None or errors.max() < best[2]:
            best = p, q, errors.max()
        weights = reweighted(weights, errors)
    p, q, error = best
    return p / limit ** (2.0 * np.arange(len(p))), q / limit ** (2.0 * np.arange(len(q))), error


def show(name, coefficients):
    """Highest first, as Horner's rule takes them."""
    print(name, *(np.format_float_scientific(np.float32(c), trim="-", exp_digits=1) for c in coefficients[::-1]))


def main():
    coefficients, error = fit_exp()
    show("exp c6 ... c2:", coefficients)
    print(f"relative error {error:.1e}")
    for name, function, degrees, limit in [
        ("tanh", np.tanh, (4, 4), 9.0),
        ("erf", np.vectorize(math.erf), (5, 5), 3.9),
    ]:
        p, q, error = fit_odd(function, *degrees, limit)
        show(f"{name} P:", p)
        show(f"{name} Q:", q)
        print(f"relative error {error:.1e}")


if __name__ == "__main__":
    main()
