/** The client of this tab. A token lives as long as the tab. */
import { PeftgridClient } from '#contracts/client.js';

const key = 'peftgrid-token';

export function storedToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

export function storeToken(token: string): void {
  sessionStorage.setItem(key, token);
  client = connect();
}

function connect(): PeftgridClient {
  return new PeftgridClient(location.origin, { token: storedToken() });
}

let client = connect();

export function session(): PeftgridClient {
  return client;
}
