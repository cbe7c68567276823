"""What happens to cases by itself: when something happened or some time has passed, and a filter holds."""
