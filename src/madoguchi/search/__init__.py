"""Finding cases by what somebody remembers of them."""
