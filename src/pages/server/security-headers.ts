import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { styleText } from '../design/layout.js';

/** Only content from this address: no inline scripts or styles, nothing from other sites. */
const POLICY = {
  'default-src': ["'none'"],
  'style-src': ["'self'"],
  'script-src': ["'self'"],
  // The icon is a data: URL.
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
};

/** Sets the headers of every response; a route may override them. */
export function securityHeaders(): RequestHandler {
  const secure = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // An onion address has no HTTPS to enforce.
    strictTransportSecurity: false,
    // Only for obsolete browsers, or against what the policy above forbids anyway.
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

/** The policy of a page whose script may also fetch from these origins. */
export function policyToFetchFrom(origins: readonly string[]): string {
  const directives = { ...POLICY, 'connect-src': ["'self'", ...origins] };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join(';');
}

/** The policy of a page that may fetch nothing and contains its stylesheet. */
export function policyForAlone(): string {
  const hash = createHash('sha256').update(styleText()).digest('base64');
  return `default-src 'none';style-src 'sha256-${hash}';img-src data:;frame-ancestors 'none';base-uri 'none'`;
}
