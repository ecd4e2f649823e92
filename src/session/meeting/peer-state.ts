/** What participants of a channel are seen to do. */
export type PeerState = 'joined' | 'authenticated' | 'rejected' | 'left';
