/** `fetch`, which asks a question once more where its connection was closed before an answer came: a server
 *  closes connections that were idle, and one may be taken up at that very moment. Only GET is asked again,
 *  since only it changes nothing. Rejects as fetch does. */
export async function fetchAgain(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if ((init.method ?? 'GET') !== 'GET' || !wasClosed(error)) throw error;
    return fetch(url, init);
  }
}

function wasClosed(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
}
