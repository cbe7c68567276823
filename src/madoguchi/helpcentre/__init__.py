"""What customers read before they ask: a company's own articles on pages that anybody may open."""
