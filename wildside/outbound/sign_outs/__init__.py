"""Telling whoever keeps sockets open that somebody was signed out."""
