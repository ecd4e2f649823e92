import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { styleText } from '../design/layout.js';

/** Only what this address itself serves; no script or style inside a page, nothing from elsewhere. */
const POLICY = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'script-src': ["'self'"],
  // The icon is in the page.
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
};

/** On every reply. What a route needs otherwise it sets itself. */
export function securityHeaders(): RequestHandler {
  const secure = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // There is no HTTPS at an onion address to insist on.
    strictTransportSecurity: false,
    // For browsers that no longer exist, or against what the policy above forbids.
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    xDnsPrefetchControl: false,
  });
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    secure(request, response, next);
  };
}

/** For the page that may fetch nothing and has its stylesheet inside. */
export function policyForAlone(): string {
  const hash = createHash('sha256').update(styleText()).digest('base64');
  return `default-src 'none';style-src 'sha256-${hash}';img-src data:;frame-ancestors 'none';base-uri 'none'`;
}
