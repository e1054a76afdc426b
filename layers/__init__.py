"""What the city's things mean: one file per layer, the pure engine in `core`, the dated rules in `rules`."""
