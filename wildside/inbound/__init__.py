"""Front doors: HTTP, WebSocket, jobs and the command line."""
