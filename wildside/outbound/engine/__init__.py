"""The engine behind the port: solver children, and the graphs they walk on."""
