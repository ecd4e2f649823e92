/** What whoever talks to people about transfers needs to know of their words. */
export { parseOnionAddress } from '../onion/address.js';
export { CURVE_NAMES, type CurveName } from '../pake/curves/curve-name.js';
export { looksLikeInvitation } from '../pake/invitation.js';
