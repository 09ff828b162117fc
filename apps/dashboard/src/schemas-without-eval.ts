/** Imported before every schema: zod tries whether it may compile code when one is made, which the page's
 *  security policy forbids and reports. */
import { config } from 'zod';

config({ jitless: true });
