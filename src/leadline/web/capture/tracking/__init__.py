"""The tracking API, compatible with Segment and RudderStack clients."""
