"""A small runtime of supervised actors on trio; it knows neither Wildside nor the solver."""
