"""
Onionbalance at the pace of our private network.

Its own idea of a test network is one that votes every 20 seconds; ours votes every half hour
(src/private-network/bring-up.ts), which makes other time periods, and takes no minute to begin.
"""

import stem.util

from onionbalance.hs_v3 import consensus, params

VOTING_INTERVAL_SECONDS = 1800
ROUNDS = 24

params.INITIAL_CALLBACK_DELAY = 3
params.FETCH_DESCRIPTOR_FREQUENCY_TESTNET = 5
params.PUBLISH_DESCRIPTOR_CHECK_FREQUENCY_TESTNET = 5
# On a busy machine a descriptor may be fetched late.
params.INSTANCE_DESCRIPTOR_TOO_OLD_TESTNET = 600


def start_of_run(self):
    begun = stem.util.datetime_to_unix(self.consensus.valid_after)
    slot = (begun // VOTING_INTERVAL_SECONDS) % ROUNDS
    return int(begun - slot * VOTING_INTERVAL_SECONDS)


Consensus = consensus.Consensus
# In minutes.
Consensus._get_srv_phase_duration = lambda self: ROUNDS // 2 * VOTING_INTERVAL_SECONDS // 60
Consensus.get_time_period_length = lambda self: ROUNDS * VOTING_INTERVAL_SECONDS // 60
Consensus.get_start_time_of_current_srv_run = start_of_run
Consensus.get_start_time_of_previous_srv_run = (
    lambda self: start_of_run(self) - ROUNDS * VOTING_INTERVAL_SECONDS
)

from onionbalance.manager import main  # noqa: E402

main()
