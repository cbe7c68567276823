"""What a customer may count on: service levels, and the clocks that measure them."""
