"""The jobs door: a queue is a front door like HTTP."""
