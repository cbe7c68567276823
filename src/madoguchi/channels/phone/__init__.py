"""The telephone as a channel: an embedded gateway that speaks SIP and RTP."""
