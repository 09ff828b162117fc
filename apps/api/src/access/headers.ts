import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What browsers are told: own scripts only, no frames around us, no guessing of types. Transport security is
 *  left to who speaks TLS. */
export const securityHeaders = (): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"], // charts and the page of the API set styles
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false, // browsers complain of it in the console where the page came without TLS
    originAgentCluster: false,
  });
