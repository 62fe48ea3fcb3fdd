/**
 * OpenCV's `cvRound`: to the nearest whole number, halves to the even one (the FPU's default mode), where
 * `Math.round` takes halves up. Exact for finite values of magnitude below 2^31.
 */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor + (floor & 1);
}
