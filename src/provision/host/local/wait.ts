/** Polls every 20 ms, later less often, until `done` holds; false if it does not within `limitMs`. */
export async function waitUntil(done: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  for (let pause = 20; ; pause = Math.min(pause * 1.5, 250)) {
    if (await done()) return true;
    if (Date.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
