/** The front's answer on its control socket; undefined when it is not running. */
export async function askFront(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
): Promise<{ status: number; document: Record<string, unknown> } | undefined> {
  // Loaded when it is needed, for it takes long (see fetch-page.ts).
  const { request } = await import('node:http');
  return new Promise((resolve) => {
    const asking = request({ socketPath, method, path, timeout: 60_000, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', () => resolve(undefined));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, document: parsed(text) }));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
