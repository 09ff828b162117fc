/** Student's t distribution through the regularised incomplete beta function and its inverse. Knows numbers only. */

/** The t with P(T <= t) = p at `df` degrees of freedom (any real > 0). Throws RangeError outside 0 < p < 1. */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0)) throw new RangeError(`no Student quantile at p ${p}, df ${df}; expected 0 < p < 1 and df > 0`);
  if (p === 0.5) return 0;
  const tail = 2 * Math.min(p, 1 - p); // both tails together
  return Math.sign(p - 0.5) * (tail < 0.5 ? farT(tail, df) : nearT(1 - tail, df));
}

/** P(|T| >= |t|) at `df` degrees of freedom: the p-value of a two-sided test. */
export function studentTwoSided(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

function farT(tail: number, df: number): number {
  const x = incompleteBetaInverse(tail, df / 2, 0.5); // x = df / (df + t²)
  return Math.sqrt((df * (1 - x)) / x);
}

/** Near 0 the other end of the beta function keeps the digits. */
function nearT(middle: number, df: number): number {
  const y = incompleteBetaInverse(middle, 0.5, df / 2); // y = t² / (df + t²)
  return Math.sqrt((df * y) / (1 - y));
}

/** I_x(a, b), the regularised incomplete beta function; 0 <= x <= 1, a and b > 0. Continued fraction of DLMF 8.17.22. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logBetaTerm(x, a, b));
  // The fraction converges fast on this side of the mode only.
  if (x <= (a + 1) / (a + b + 2)) return (front / a) * betaFraction(x, a, b);
  return 1 - (front / b) * betaFraction(1 - x, b, a);
}

/** The x with I_x(a, b) = p: Newton's steps inside a bracket that halves where they leave it. */
export function incompleteBetaInverse(p: number, a: number, b: number): number {
  let [low, high, x] = [0, 1, 0.5];
  for (let i = 0; i < 2000; i++) {
    const excess = incompleteBeta(x, a, b) - p;
    if (excess > 0) high = x;
    else low = x;
    const density = Math.exp(logBetaTerm(x, a, b)) / (x * (1 - x));
    const newton = x - excess / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x || high - low === 0) return next;
    x = next;
  }
  return x;
}

/** log of x^a (1 - x)^b / B(a, b) */
function logBetaTerm(x: number, a: number, b: number): number {
  return logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
}

/** Lentz's evaluation of the fraction. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / safe(1 + term * d);
      c = safe(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return fraction;
}

// Lanczos, g = 7, n = 9: 15 digits for positive arguments.
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log Γ(z), z > 0. */
export function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const sum = lanczos.reduce((s, c, i) => (i === 0 ? c : s + c / (z - 1 + i)), 0);
  const t = z + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(t) - t + Math.log(sum);
}
