import { Client } from 'pg';
import { z } from 'zod';
import { only, statement } from '#db/statement.js';

const tryToLead = statement(
  'try-to-lead',
  z.object({ got: z.boolean() }),
  'select pg_try_advisory_lock(7420002) got',
);

/** Whether a process of any machine dispatches. */
export const someoneLeads = statement(
  'someone-leads',
  z.object({ leads: z.boolean() }),
  `select exists(select from pg_locks where locktype = 'advisory' and classid = 0 and objid = 7420002 and granted
  and database = (select oid from pg_database where datname = current_database())) leads`,
);

/** Leadership among the API's processes: an advisory lock on a connection of its own, which Postgres frees
 *  when the process dies. */
export class Leader {
  private client: Client | null = null;
  private leads = false;
  private connectedAt = Infinity;

  constructor(private readonly url: string) {}

  /** Whether this process leads now; where nobody does, it takes over. Throws where Postgres does not answer.
   */
  async held(): Promise<boolean> {
    const client = this.client ?? (await this.connect());
    if (this.leads) return true;
    const { got } = only(await tryToLead(client, []));
    this.leads = this.client === client && got;
    return this.leads;
  }

  /** When the connection was made that has held ever since, as performance.now(); Infinity without one. */
  get since(): number {
    return this.connectedAt;
  }

  async release(): Promise<void> {
    const client = this.client;
    this.lost();
    await client?.end();
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'peftgrid-leader',
      keepAlive: true,
    });
    const ended = (): void => void (this.client === client && this.lost());
    client.on('error', ended);
    client.on('end', ended);
    await client.connect();
    this.client = client;
    this.connectedAt = performance.now();
    return client;
  }

  private lost(): void {
    this.client = null;
    this.leads = false;
    this.connectedAt = Infinity;
  }
}
