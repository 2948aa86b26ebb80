/** Asks every 20 ms, then less often, until `done` holds; false when it does not within `limitMs`. */
export async function waitUntil(done: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 250)) {
    if (await done()) return true;
    if (Date.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
