"""The media, peers of one shape: each turns values into a payload and an answer into a result, and touches no network."""
