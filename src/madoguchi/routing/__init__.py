"""Who answers what next."""
