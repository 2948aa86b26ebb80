/**
 * The longest time, in milliseconds, for which this process was blocked, from the call of `begin` until `rest`
 * milliseconds later, or until `rest` resolves.
 */
export async function longestHold(begin: () => void, rest: number | Promise<void>): Promise<number> {
  let done = false;
  let longest = 0;
  begin();
  let last = performance.now();
  void (typeof rest === 'number' ? new Promise<void>((resolve) => setTimeout(resolve, rest)) : rest).then(() => {
    done = true;
  });
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}
